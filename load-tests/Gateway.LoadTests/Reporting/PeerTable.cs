using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>The rows of peers under common names: one column for the floor, whichever it is in a row.</summary>
internal static class PeerTable
{
    /// <summary>The column of the floors.</summary>
    public const string Floor = "floor";

    /// <summary>The floor first, then the gateway, then the others in the order in which they come.</summary>
    public static string[] Columns(LoadReport report) =>
    [
        .. report.Peers.SelectMany(peer => peer.Values.Keys).Select(Column).Distinct(StringComparer.Ordinal)
            .OrderBy(name => RunName.IsFloor(name) ? 0 : RunName.IsGateway(name) ? 1 : 2),
    ];

    /// <summary>The values of a row by column.</summary>
    public static Dictionary<string, double> Values(PeerRow peer)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in peer.Values)
        {
            values.TryAdd(Column(name), value);
        }

        return values;
    }

    private static string Column(string name) => RunName.IsFloor(RunName.Known(name)) ? Floor : RunName.Known(name);
}
