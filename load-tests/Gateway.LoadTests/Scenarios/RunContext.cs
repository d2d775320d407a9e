using Gateway.LoadTests.Clients;
using Gateway.LoadTests.Measuring;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>What the parts of a run share.</summary>
internal sealed class RunContext
{
    /// <summary>A login beyond this is hung.</summary>
    public static readonly TimeSpan LoginTimeout = TimeSpan.FromSeconds(20);

    /// <summary>A goodbye beyond this is an error.</summary>
    public static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    private int _sessions;

    /// <summary>Makes it.</summary>
    public RunContext(ScenarioOptions options, IRunObserver? observer, CancellationToken cancellationToken)
    {
        Options = options;
        Observer = observer;
        Cancellation = cancellationToken;
        Main = new SessionSource(options.Transport, LoadTarget.From(options.Target), options.IsRawStream);
        Server = options.Server is { } server ? new SessionSource(LoadTransport.Tcp, LoadTarget.From(server), IsRawStream: false)
            : options.Transport == LoadTransport.Tcp ? Main : null;
        Second = options.SecondTarget is { } second ? new SessionSource(LoadTransport.Bosh, LoadTarget.From(second), IsRawStream: false) : null;
    }

    /// <summary>What was asked for.</summary>
    public ScenarioOptions Options { get; }

    /// <summary>Who looks on.</summary>
    public IRunObserver? Observer { get; }

    /// <summary>Gives up.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>What is counted.</summary>
    public RunMeter Meter { get; } = new();

    /// <summary>The sessions under test.</summary>
    public SessionSource Main { get; }

    /// <summary>Sessions straight to the server; null if it was not named.</summary>
    public SessionSource? Server { get; }

    /// <summary>BOSH sessions beside <see cref="Main"/>; null if there are none.</summary>
    public SessionSource? Second { get; }

    /// <summary>A number for the next session.</summary>
    public int NextSession() => (Interlocked.Increment(ref _sessions) - 1) % 100_000;

    /// <summary>Makes a session that is not connected yet.</summary>
    public LoadSession CreateSession(SessionSource source, int index, ISessionListener listener, WireSettings wire) => SessionFactory.Create(
        source.Transport,
        new SessionSettings
        {
            Target = source.Target,
            Domain = Options.Domain,
            Resource = $"load-{index}",
            IsRawStream = source.IsRawStream,
            Wire = wire,
            RemembersRequests = source.RemembersRequests,
            OnRequest = Meter.CountRequest,
        },
        listener);
}
