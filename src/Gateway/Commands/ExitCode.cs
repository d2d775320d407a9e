namespace Gateway.Commands;

/// <summary>What the process tells its caller (interface.md section 1).</summary>
internal static class ExitCode
{
    /// <summary>Done, or drained.</summary>
    public const int Success = 0;

    /// <summary>Anything else went wrong.</summary>
    public const int Failure = 1;

    /// <summary>The configuration, or the command line, cannot be used.</summary>
    public const int BadConfiguration = 2;
}
