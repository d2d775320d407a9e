using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>
/// Each who was measured looks the same in every plot of the page. Colours are Okabe and Ito's, which colour-blind people can tell
/// apart; dashes do the same on a black-and-white printer.
/// </summary>
internal sealed class TargetLooks
{
    private const int Others = 5;
    private readonly Dictionary<string, Look> _looks = new(StringComparer.OrdinalIgnoreCase);
    private int _next;

    /// <summary>Looks for all runs of a report, in their order.</summary>
    public TargetLooks(LoadReport report)
    {
        foreach (var target in PeerTable.Columns(report).Concat(report.Runs.Select(run => RunName.Target(run.Options.Name))))
        {
            _ = Of(target);
        }
    }

    /// <summary>The look of one.</summary>
    public Look Of(string target)
    {
        if (!_looks.TryGetValue(target, out var look))
        {
            look = new Look(target.ToUpperInvariant() switch
            {
                _ when RunName.IsGateway(target) && !_looks.Keys.Any(RunName.IsGateway) => "look-gateway",
                "PROSODY" => "look-prosody",
                "EJABBERD" => "look-ejabberd",
                "RAW TCP" => "look-tcp",
                _ when RunName.IsFloor(target) => "look-floor",
                _ => $"look-other{_next++ % Others}",
            });
            _looks[target] = look;
        }

        return look;
    }

    /// <summary>One of several in an order, such as numbers of sessions: from light to dark.</summary>
    public static Look Step(int index, int count) =>
        new("look-step", $"--mix:{(count < 2 ? 100 : 100 * index / (count - 1))}%");
}
