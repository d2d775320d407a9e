namespace Gateway.LoadTests.Results;

/// <summary>How the load reaches the program under test.</summary>
public enum LoadTransport
{
    /// <summary>A stream straight to an XMPP server.</summary>
    Tcp,

    /// <summary>XMPP over WebSocket (RFC 7395), or the bytes of a TCP stream inside messages (<see cref="ScenarioOptions.IsRawStream"/>).</summary>
    WebSocket,

    /// <summary>BOSH over two connections a session.</summary>
    Bosh,

    /// <summary>A POST that comes back as it is: the floor of BOSH, no XMPP in it.</summary>
    Http,
}

/// <summary>What the sessions do.</summary>
public enum LoadScenario
{
    /// <summary>One session, one echo after the other.</summary>
    Serial,

    /// <summary>Echoes at a fixed rate over all sessions, whether or not the last ones are back.</summary>
    Paced,

    /// <summary>Each session keeps a number of echoes outstanding.</summary>
    Flood,

    /// <summary>Bursts of stanzas from one sender to each session.</summary>
    FanIn,

    /// <summary>Connect, log in, bind, close; a number of them at a time.</summary>
    Login,

    /// <summary>Sessions that do nothing: memory.</summary>
    Idle,

    /// <summary>All of it, with cuts and resends: the soak.</summary>
    Mixed,

    /// <summary>Short sessions; some say goodbye, some vanish.</summary>
    Churn,

    /// <summary>Sessions that stop reading now and then while stanzas are sent to them.</summary>
    SlowReaders,
}

/// <summary>One run of the load generator.</summary>
public sealed record ScenarioOptions
{
    /// <summary>What is measured, as the report names it.</summary>
    public required string Name { get; init; }

    /// <summary>How the load reaches it.</summary>
    public required LoadTransport Transport { get; init; }

    /// <summary>What the sessions do.</summary>
    public required LoadScenario Scenario { get; init; }

    /// <summary><c>ws://</c>, <c>wss://</c>, <c>http://</c>, <c>https://</c> or <c>tcp://</c>; loopback only.</summary>
    public required Uri Target { get; init; }

    /// <summary>Mixed only: where BOSH sessions go, while <see cref="Target"/> takes the WebSocket sessions.</summary>
    public Uri? SecondTarget { get; init; }

    /// <summary>The XMPP server's client port, for the senders of fan-in and slow readers, which go straight to it. Null where the target is the server, or none is needed.</summary>
    public Uri? Server { get; init; }

    /// <summary>The XMPP domain.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>WebSocket only: messages carry the bytes of a TCP stream, without RFC 7395 in them (the floors).</summary>
    public bool IsRawStream { get; init; }

    /// <summary>Sessions; logins at a time for <see cref="LoadScenario.Login"/>.</summary>
    public int Sessions { get; init; } = 100;

    /// <summary>Paced and mixed: echoes a second over all sessions.</summary>
    public double Rate { get; init; } = 2000;

    /// <summary>Flood: echoes outstanding for each session.</summary>
    public int Outstanding { get; init; } = 20;

    /// <summary>Fan-in: stanzas of one burst.</summary>
    public int Burst { get; init; } = 50;

    /// <summary>Bytes of one stanza.</summary>
    public int StanzaBytes { get; init; } = 230;

    /// <summary>Work of the same kind before anything counts.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>What counts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the sessions stay open and quiet after what counts, so that what they cost then can be told from what stanzas cost.</summary>
    public TimeSpan Rest { get; init; }

    /// <summary>Idle: memory is read at these numbers of sessions, and the slope between the first and the last counts.</summary>
    public IReadOnlyList<int> IdleSteps { get; init; } = [1000, 3000];

    /// <summary>Processes whose processor time and memory are sampled, by role; <c>gateway</c> is the program under test whatever it is.</summary>
    public IReadOnlyDictionary<string, int> Processes { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);
}
