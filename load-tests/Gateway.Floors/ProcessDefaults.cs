using System.Globalization;

namespace Gateway.Floors;

/// <summary>Switches of the runtime that are read at the first socket. What is set from outside wins.</summary>
internal static class ProcessDefaults
{
    /// <summary>One thread that waits for sockets is fastest where generator, program under test and server share a few cores; more would need it.</summary>
    private const int CoresForOneThread = 4;

    /// <summary>Completions run where they arrive; so no handler here ever blocks.</summary>
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
