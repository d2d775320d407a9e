namespace Gateway.Hosting;

/// <summary>Switches of the runtime that are read once, before anything of the host exists.</summary>
internal static class ProcessDefaults
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Socket completions run where they arrive: no hop to the thread pool between a stanza's read and its write. Read by the
    /// runtime at the first socket; in exchange no handler ever blocks. What the operator set wins.
    /// </summary>
    public static void Apply()
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
        {
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        }
    }
}
