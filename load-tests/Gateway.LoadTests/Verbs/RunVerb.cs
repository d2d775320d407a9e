using System.CommandLine;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>run</c>: one scenario.</summary>
internal static class RunVerb
{
    /// <summary>The command.</summary>
    public static Command Create() => new("run", "Runs one scenario and says what it showed.");
}
