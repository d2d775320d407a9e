using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>The name of a run: who was measured, and with what (<c>ws paced: gateway</c>, or <c>gateway ws paced</c> as people type it).</summary>
internal static class RunName
{
    private const string Separator = ": ";

    private static readonly HashSet<string> Transports = new(StringComparer.OrdinalIgnoreCase) { "ws", "wss", "websocket", "bosh", "tcp", "http", "https", "tls" };

    private static readonly HashSet<string> Scenarios = new(
        Enum.GetNames<LoadScenario>().Concat(["fan-in", "slow-readers", "slow", "scale", "soak", "round"]), StringComparer.OrdinalIgnoreCase);

    /// <summary>Who was measured: what comes after the colon, or else the words before the transport. A name that begins with the transport has no other.</summary>
    public static string Target(string name)
    {
        if (name.LastIndexOf(Separator, StringComparison.Ordinal) is var at and > 0)
        {
            return Known(name[(at + Separator.Length)..].Trim());
        }

        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var target = words.TakeWhile(word => !Transports.Contains(word) && !Scenarios.Contains(word)).ToArray();
        if (target.Length == 0)
        {
            target = [.. words.TakeWhile(word => !Scenarios.Contains(word)).Take(1)];
        }

        return target.Length == 0 ? name : Known(string.Join(' ', target));
    }

    /// <summary>What those are called who go by a letter or by their part in the matrix.</summary>
    public static string Known(string target) => target switch
    {
        "L" or "T" or "E" => "floor " + target,
        "sink" or "tcp" => "raw TCP",
        _ => target,
    };

    /// <summary>The same run under a name that tells of which commit its gateway is.</summary>
    public static string OfCommit(string name, string commit)
    {
        var at = name.LastIndexOf(Separator, StringComparison.Ordinal) is var colon and > 0 ? colon + Separator.Length : 0;
        return IsGateway(name[at..]) ? $"{name[..at]}gateway@{commit}{name[(at + "gateway".Length)..]}" : name;
    }

    /// <summary>It is the gateway, or a commit of it.</summary>
    public static bool IsGateway(string target) =>
        target.StartsWith("gateway", StringComparison.OrdinalIgnoreCase) && (target.Length == 7 || target[7] is ' ' or '@');

    /// <summary>It is what the others are measured by.</summary>
    public static bool IsFloor(string target) => target == "floor" || target.StartsWith("floor ", StringComparison.OrdinalIgnoreCase);
}
