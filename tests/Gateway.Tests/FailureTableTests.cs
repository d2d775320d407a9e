using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Streams;

namespace Gateway.Tests;

/// <summary>docs/failures.md says what clients get: held against the program.</summary>
public sealed class FailureTableTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadLines(Path.Combine(ArchitectureTests.Root, "docs", "failures.md"))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
    ];

    [Fact]
    public void Table_HasARowForEachWayInWhichABackendCannotBeHad()
    {
        SessionEndReason[] failures =
        [
            .. Enum.GetValues<SessionEndReason>().Where(r => r.ToTerminalCondition() is TerminalCondition.RemoteConnectionFailed or TerminalCondition.RemoteStreamError),
            SessionEndReason.ResourceConstraint,
        ];

        Rows.Select(r => r[0].Trim('`')).ShouldBe(failures.Select(f => f.ToWord()), ignoreOrder: true);
        Rows.ShouldAllBe(r => r.Length == 5 && r.All(cell => cell.Length > 0));
    }

    [Fact]
    public void Table_SaysWhatClientsGet()
    {
        foreach (var row in Rows)
        {
            var reason = Enum.GetValues<SessionEndReason>().Single(r => r.ToWord() == row[0].Trim('`'));
            var ending = WebSocketEnding.For(reason, isOpen: false, isResumable: false);

            row[1].ShouldBe(Encoding.ASCII.GetString(reason.ToTerminalCondition()!.Value.ToBytes()), row[0]);
            row[2].ShouldBe($"{Encoding.ASCII.GetString(ending.Condition!.Value.ToBytes())}, {(int)ending.Code!}", row[0]);
        }
    }
}
