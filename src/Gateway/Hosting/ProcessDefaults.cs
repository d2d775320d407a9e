using System.Globalization;

namespace Gateway.Hosting;

/// <summary>Switches of the runtime that are read once, before anything of the host exists. What the operator set wins.</summary>
internal static class ProcessDefaults
{
    /// <summary>On two cores a second thread that waits for sockets costs a tenth of a login, in wake-ups of one for the other; more cores would idle.</summary>
    private const int CoresForOneThread = 2;

    /// <summary>
    /// Socket completions run where they arrive: no hop to the thread pool between a stanza's read and its write. Read by the
    /// runtime at the first socket; in exchange no handler ever blocks.
    /// </summary>
    public static void Apply()
    {
        Set("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", 1);
        if (Environment.ProcessorCount <= CoresForOneThread)
        {
            Set("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", 1);
        }
    }

    private static void Set(string name, int value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, value.ToString(CultureInfo.InvariantCulture));
        }
    }
}
