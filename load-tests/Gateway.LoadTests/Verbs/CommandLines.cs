namespace Gateway.LoadTests.Verbs;

/// <summary>The command line that makes a report again.</summary>
internal static class CommandLines
{
    /// <summary>With the script that builds before it runs.</summary>
    public static string Own()
    {
        var arguments = Environment.GetCommandLineArgs().Skip(1).ToArray();
        var words = arguments is ["matrix", ..] ? arguments[1..].Prepend("load-tests/run.sh") : arguments.Prepend("dotnet run -c Release --project load-tests/Gateway.LoadTests --");
        return string.Join(' ', words.Select((word, i) => i > 0 && word.Any(char.IsWhiteSpace) ? $"'{word}'" : word));
    }
}
