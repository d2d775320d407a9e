namespace Gateway.LoadTests.Results;

/// <summary>What one run showed.</summary>
public sealed record RunResult
{
    /// <summary>The run.</summary>
    public required ScenarioOptions Options { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Seconds that counted.</summary>
    public required double Seconds { get; init; }

    /// <summary>What is counted: echoes, stanzas (fan-in, slow readers), logins (login, churn) or sessions (idle).</summary>
    public required string Unit { get; init; }

    /// <summary>How many of them.</summary>
    public required long Count { get; init; }

    /// <summary>A second.</summary>
    public double Rate => Seconds > 0 ? Count / Seconds : 0;

    /// <summary>An open loop got through what was asked of it (2 % are the edges of the run); any other run has.</summary>
    public bool HasKeptRate => Options.Scenario is not (LoadScenario.Paced or LoadScenario.Mixed) || Rate >= 0.98 * Options.Rate;

    /// <summary>HTTP requests while it counted; 0 where there are none.</summary>
    public long Requests { get; init; }

    /// <summary>From when each was due (open loop) or sent (closed loop), in microseconds.</summary>
    public LatencySummary? Latency { get; init; }

    /// <summary>What went wrong; all zero in a good run.</summary>
    public required Faults Faults { get; init; }

    /// <summary>Stanzas whose content and place were checked, warm-up included.</summary>
    public long Checked { get; init; }

    /// <summary>Processor time and memory by role, <c>gateway</c> first; <c>generator</c> is always among them.</summary>
    public required IReadOnlyList<ProcessUse> Processes { get; init; }

    /// <summary>Idle: memory of the program under test at each step.</summary>
    public IReadOnlyList<IdleStep> Idle { get; init; } = [];

    /// <summary>What was done besides, warm-up included.</summary>
    public IReadOnlyDictionary<Deed, long> Deeds { get; init; } = new Dictionary<Deed, long>();

    /// <summary>About one a second.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>What bounded the run, as far as it can be told: generator, program under test, server, or the pace asked for.</summary>
    public string Limit { get; init; } = "";

    /// <summary>Microseconds of processor time of the program under test for each of <see cref="Count"/>.</summary>
    public double CpuMicroseconds => Count == 0 || Processes.Count == 0 ? 0 : Processes[0].CpuSeconds * 1e6 / Count;

    /// <summary>Cores that the program under test used during <see cref="ScenarioOptions.Rest"/>: what it and its sessions cost without a stanza.</summary>
    public double RestCores { get; init; }

    /// <summary><see cref="CpuMicroseconds"/> without what would have been used anyhow.</summary>
    public double CpuMicrosecondsAboveRest => Count == 0 ? 0 : CpuMicroseconds - (RestCores * Seconds * 1e6 / Count);

    /// <summary>Requests for each of <see cref="Count"/>.</summary>
    public double RequestsEach => Count == 0 ? 0 : (double)Requests / Count;

    /// <summary>Idle: bytes for each session, the slope between the first step and the last.</summary>
    public double BytesEach => Idle.Count < 2 ? 0 : (double)(Idle[^1].ResidentBytes - Idle[0].ResidentBytes) / (Idle[^1].Sessions - Idle[0].Sessions);
}

/// <summary>Percentiles in microseconds, and the whole distribution as points for a plot.</summary>
/// <param name="Count">Values recorded.</param>
/// <param name="Mean">The mean.</param>
/// <param name="P50">Half are below.</param>
/// <param name="P90">90 %.</param>
/// <param name="P99">99 %.</param>
/// <param name="P999">99.9 %.</param>
/// <param name="Max">The largest.</param>
/// <param name="Curve">Percentile (0 to 100) and value, in rising order: denser towards the end.</param>
public sealed record LatencySummary(long Count, double Mean, double P50, double P90, double P99, double P999, double Max, IReadOnlyList<CurvePoint> Curve);

/// <summary>A point of a distribution.</summary>
public readonly record struct CurvePoint(double Percentile, double Microseconds);

/// <summary>What must not happen.</summary>
public sealed record Faults
{
    /// <summary>Sent and never seen.</summary>
    public long Lost { get; init; }

    /// <summary>Seen twice.</summary>
    public long Doubled { get; init; }

    /// <summary>Seen after one that was sent later.</summary>
    public long Reordered { get; init; }

    /// <summary>Seen with another content.</summary>
    public long Changed { get; init; }

    /// <summary>Logins that did not end in time.</summary>
    public long HungLogins { get; init; }

    /// <summary>Sessions and requests that failed, with up to ten texts in <see cref="Texts"/>.</summary>
    public long Errors { get; init; }

    /// <summary>What failed, for people.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>All of them.</summary>
    public long Total => Lost + Doubled + Reordered + Changed + HungLogins + Errors;

    /// <summary>None at all.</summary>
    public bool IsClean => Total == 0;
}

/// <summary>What a process used while the run counted.</summary>
/// <param name="Role"><c>gateway</c>, <c>server</c> or <c>generator</c>.</param>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="ResidentBytes">At the end.</param>
/// <param name="PeakResidentBytes">The most seen.</param>
/// <param name="Threads">At the end.</param>
/// <param name="Handles">Open descriptors at the end.</param>
public sealed record ProcessUse(string Role, double CpuSeconds, long ResidentBytes, long PeakResidentBytes, int Threads, int Handles);

/// <summary>Memory with a number of sessions open and quiet.</summary>
public sealed record IdleStep(int Sessions, long ResidentBytes);

/// <summary>One moment.</summary>
/// <param name="Seconds">Since the run began to count.</param>
/// <param name="Rate">Units a second since the sample before.</param>
/// <param name="P50">Latency since the sample before, in microseconds; 0 for none.</param>
/// <param name="P99">Latency since the sample before, in microseconds; 0 for none.</param>
/// <param name="GatewayCpu">Cores that the program under test used since the sample before.</param>
/// <param name="GatewayBytes">Its resident memory.</param>
/// <param name="GatewayThreads">Its threads.</param>
/// <param name="GatewayHandles">Its open descriptors.</param>
/// <param name="GeneratorCpu">Cores that the generator used.</param>
/// <param name="Sessions">Sessions open.</param>
public sealed record Sample(
    double Seconds, double Rate, double P50, double P99, double GatewayCpu, long GatewayBytes, int GatewayThreads, int GatewayHandles, double GeneratorCpu, int Sessions);
