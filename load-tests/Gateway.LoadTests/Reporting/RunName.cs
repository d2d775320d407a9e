using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>The name of a run: who was measured, then with what (<c>gateway ws paced</c>, <c>floor L ws flood</c>, <c>tcp paced</c>).</summary>
internal static class RunName
{
    private static readonly HashSet<string> Transports = new(StringComparer.OrdinalIgnoreCase) { "ws", "wss", "websocket", "bosh", "tcp", "http", "https", "tls" };

    private static readonly HashSet<string> Scenarios = new(
        Enum.GetNames<LoadScenario>().Concat(["fan-in", "slow-readers", "slow", "scale", "soak", "round"]), StringComparer.OrdinalIgnoreCase);

    /// <summary>Who was measured: the words before the transport. A name that begins with the transport means the server behind it.</summary>
    public static string Target(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var target = words.TakeWhile(word => !Transports.Contains(word) && !Scenarios.Contains(word)).ToArray();
        if (target.Length == 0)
        {
            target = [.. words.TakeWhile(word => !Scenarios.Contains(word)).Take(1)];
        }

        return target.Length == 0 ? name : string.Join(' ', target);
    }

    /// <summary>It is the gateway, or a commit of it.</summary>
    public static bool IsGateway(string target) => target.StartsWith("gateway", StringComparison.OrdinalIgnoreCase);

    /// <summary>It is what the others are measured by.</summary>
    public static bool IsFloor(string target) =>
        target.StartsWith("floor", StringComparison.OrdinalIgnoreCase) || target is "relay" or "echo" or "L" or "T" or "E";
}
