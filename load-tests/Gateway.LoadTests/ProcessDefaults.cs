namespace Gateway.LoadTests;

/// <summary>Switches of the runtime that are read at the first socket.</summary>
internal static class ProcessDefaults
{
    /// <summary>Completions run where they arrive, as in the programs under test; so no handler here ever blocks.</summary>
    public static void Apply()
    {
        const string name = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, "1");
        }
    }
}
