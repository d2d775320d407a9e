namespace Gateway.LoadTests.Matrix;

/// <summary>Who does which work, so that every row that is wanted has its number.</summary>
internal sealed class MatrixPlan
{
    /// <summary>Floors that no row is judged by, measured for whoever compares.</summary>
    private static readonly (string Work, string Who)[] ForTheReader = [(Works.WsIdle, Who.Relay), (Works.TlsIdle, Who.SecureRelay)];

    private readonly List<(Work Work, List<string> Who)> _cells = [];

    /// <summary>Plans it.</summary>
    public MatrixPlan(MatrixOptions options)
    {
        Rows = [.. Goals.All.Where(row => row.What.Contains(options.Only, StringComparison.OrdinalIgnoreCase) || row.Work.Contains(options.Only, StringComparison.OrdinalIgnoreCase))];
        var wanted = Rows.Select(row => (row.Work, Who: Who.Gateway))
            .Concat(Rows.SelectMany(row => row.Needs))
            .Concat(ForTheReader.Where(extra => Rows.Any(row => row.Work == extra.Work)))
            .Concat(options.HasPeers ? Rows.SelectMany(row => new[] { (row.Work, Who.Prosody), (row.Work, Who.Ejabberd) }) : [])
            .ToHashSet();
        string[] order = [Who.Tcp, Who.Relay, Who.SecureRelay, Who.Echo, Who.Gateway, Who.Prosody, Who.Ejabberd];
        foreach (var work in Works.All(options.IsQuick))
        {
            var who = order.Where(each => wanted.Contains((work.Name, each)) && !(Who.IsPeer(each) && work.Tls)).ToList();
            if (who.Count > 0)
            {
                _cells.Add((work, who));
            }
        }
    }

    /// <summary>The rows to show.</summary>
    public IReadOnlyList<GoalSpec> Rows { get; }

    /// <summary>Everybody who takes part.</summary>
    public IEnumerable<string> Everybody => _cells.SelectMany(cell => cell.Who).Distinct(StringComparer.Ordinal);

    /// <summary>It is about memory.</summary>
    public bool IsIdle(GoalSpec row) => _cells.Exists(cell => cell.Work.Name == row.Work && cell.Work.IsIdle);

    /// <summary>The works with who does them.</summary>
    public IEnumerable<(Work Work, IReadOnlyList<string> Who)> Cells(bool idle) =>
        _cells.Where(cell => cell.Work.IsIdle == idle).Select(cell => (cell.Work, (IReadOnlyList<string>)cell.Who));
}
