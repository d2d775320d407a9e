namespace Gateway.LoadTests;

/// <summary>Switches of the runtime that are read at the first socket.</summary>
internal static class ProcessDefaults
{
    /// <summary>
    /// Completions run where they arrive, as in the programs under test; so no handler here ever blocks. All of them on one thread: what
    /// the generator does for a stanza is short, and a second thread would take the core that the program under test needs.
    /// </summary>
    public static void Apply()
    {
        Set("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Set("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    private static void Set(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
