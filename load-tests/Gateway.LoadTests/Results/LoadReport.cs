using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.LoadTests.Results;

/// <summary>A set of runs with what they say together; the JSON file beside the HTML report.</summary>
public sealed record LoadReport
{
    /// <summary>How it is written and read.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a row that was not measured
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Processor, cores, memory, kernel, runtime.</summary>
    public required string Machine { get; init; }

    /// <summary>The commit that was measured, with <c>+changes</c> if the tree differed from it.</summary>
    public required string Commit { get; init; }

    /// <summary>The command line that makes it again.</summary>
    public required string Command { get; init; }

    /// <summary>The goals, each with what was measured.</summary>
    public IReadOnlyList<GoalRow> Goals { get; init; } = [];

    /// <summary>The same work done by others, for the table of peers.</summary>
    public IReadOnlyList<PeerRow> Peers { get; init; } = [];

    /// <summary>Cost against the number of sessions.</summary>
    public IReadOnlyList<ScalePoint> Scale { get; init; } = [];

    /// <summary>All runs, in the order in which they were made.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    /// <summary>Whatever a reader ought to know.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>A goal: its bound, and where it stands.</summary>
/// <param name="What">For people.</param>
/// <param name="Unit"><c>L</c>, <c>T</c>, <c>E</c> for a ratio to a floor, otherwise a unit.</param>
/// <param name="Measured">The median, in that unit.</param>
/// <param name="Least">The smallest of the rounds.</param>
/// <param name="Most">The largest of the rounds.</param>
/// <param name="Absolute">The median in <paramref name="AbsoluteUnit"/>.</param>
/// <param name="AbsoluteUnit">Microseconds, bytes, a second.</param>
/// <param name="Must">The bound that has to hold.</param>
/// <param name="Goal">The bound that is aimed at.</param>
/// <param name="IsMinimum">The bounds are lower bounds.</param>
/// <param name="Remark">What limited it, or why it stays.</param>
public sealed record GoalRow(
    string What, string Unit, double Measured, double Least, double Most, double Absolute, string AbsoluteUnit, double Must, double Goal, bool IsMinimum, string Remark)
{
    /// <summary>A row for which there is no number. It is missed.</summary>
    public static GoalRow NotMeasured(string what, string unit, double must, bool isMinimum) =>
        new(what, unit, double.NaN, double.NaN, double.NaN, double.NaN, unit, must, double.NaN, isMinimum, "not measured");

    /// <summary>It holds.</summary>
    public bool MeetsMust => IsMinimum ? Measured >= Must : Measured <= Must;

    /// <summary>It is as good as was aimed at.</summary>
    public bool MeetsGoal => IsMinimum ? Measured >= Goal : Measured <= Goal;
}

/// <summary>One kind of work, and the medians of all who did it.</summary>
/// <param name="What">The work.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Values">By name: <c>floor</c>, <c>gateway</c>, <c>Prosody</c>, <c>ejabberd</c>.</param>
public sealed record PeerRow(string What, string Unit, IReadOnlyDictionary<string, double> Values);

/// <summary>Cost with a number of sessions.</summary>
/// <param name="Transport">Which transport.</param>
/// <param name="Sessions">Sessions open.</param>
/// <param name="CpuMicroseconds">For each echo, all that the process used, at the same rate whatever the number.</param>
/// <param name="StanzaMicroseconds">For each echo, without what the process and its sessions used at rest.</param>
/// <param name="RestMicroseconds">A second, for each session at rest, what the process uses at all included.</param>
/// <param name="BytesEach">Resident memory for each session.</param>
/// <param name="P50">Latency in microseconds.</param>
/// <param name="P99">Latency in microseconds.</param>
/// <param name="CpuRatio"><paramref name="CpuMicroseconds"/>, to that of <see cref="JudgedFrom"/> sessions at another gateway in the same seconds.</param>
/// <param name="StanzaRatio"><paramref name="StanzaMicroseconds"/>, likewise.</param>
/// <param name="RestRatio"><paramref name="RestMicroseconds"/>, likewise.</param>
public sealed record ScalePoint(
    LoadTransport Transport, int Sessions, double CpuMicroseconds, double StanzaMicroseconds, double RestMicroseconds, double BytesEach, double P50, double P99, double CpuRatio, double StanzaRatio, double RestRatio)
{
    /// <summary>Nothing may grow by more, to the smallest judged size.</summary>
    public const double Tolerance = 0.15;

    /// <summary>Sessions that the others are compared to. Fewer are not judged: what a process costs at all is spread over too few.</summary>
    public const int JudgedFrom = 1000;
}
