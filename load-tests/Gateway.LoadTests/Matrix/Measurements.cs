using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>All runs, found by work, by who did it and by round.</summary>
internal sealed class Measurements
{
    private readonly Dictionary<(string Work, string Who, int Round), RunResult> _runs = [];

    /// <summary>In the order in which they were made.</summary>
    public List<RunResult> Runs { get; } = [];

    /// <summary>Notes one.</summary>
    public void Add(string work, string who, int round, RunResult run)
    {
        Runs.Add(run);
        _runs[(work, who, round)] = run;
    }

    /// <summary>One value for each round in which the work was done, and worked.</summary>
    public double[] Each(string work, string who, Func<RunResult, double> value) =>
        [.. Rounds(work, who).Select(round => value(_runs[(work, who, round)])).Where(double.IsFinite)];

    /// <summary>One value for each round in which both did theirs.</summary>
    public double[] Each(string work, string who, string otherWork, string other, Func<RunResult, RunResult, double> value) =>
        [.. Rounds(work, who).Where(round => _runs.ContainsKey((otherWork, other, round)))
            .Select(round => value(_runs[(work, who, round)], _runs[(otherWork, other, round)])).Where(double.IsFinite)];

    private IEnumerable<int> Rounds(string work, string who) =>
        _runs.Keys.Where(key => key.Work == work && key.Who == who).Select(key => key.Round).Order();
}
