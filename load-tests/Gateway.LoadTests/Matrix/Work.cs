using Gateway.LoadTests.Matrix.Programs;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>One kind of work, to be done by several programs in turn.</summary>
/// <param name="Name">As rows and progress name it.</param>
/// <param name="Transport">How.</param>
/// <param name="Scenario">What.</param>
/// <param name="Tls">Behind TLS.</param>
internal sealed record Work(string Name, LoadTransport Transport, LoadScenario Scenario, bool Tls = false)
{
    /// <summary>Some logins of thousands at once hang in a peer, and its memory grows in proportion all the same.</summary>
    private static readonly IReadOnlyList<int> PeerIdleSteps = [500, 2000];

    /// <summary>Sessions, or logins at a time.</summary>
    public int Sessions { get; init; } = 100;

    /// <summary>Echoes a second.</summary>
    public double Rate { get; init; } = 2000;

    /// <summary>Idle: sessions at which memory is read.</summary>
    public IReadOnlyList<int> IdleSteps { get; init; } = [];

    /// <summary>It is about memory: a fresh process each time, and no warm-up.</summary>
    public bool IsIdle => Scenario == LoadScenario.Idle;

    /// <summary>The run for one program; null if it cannot do this work.</summary>
    public ScenarioOptions? For(MeasuredProgram program, MeasuredProgram sink)
    {
        var (transport, target) = Transport switch
        {
            LoadTransport.WebSocket when Tls => (LoadTransport.WebSocket, program.SecureWebSocket),
            LoadTransport.WebSocket when program.WebSocket is null && Scenario == LoadScenario.Paced => (LoadTransport.Tcp, program.Tcp),
            LoadTransport.WebSocket => (LoadTransport.WebSocket, program.WebSocket),
            LoadTransport.Bosh when program.Http is not null && Scenario is LoadScenario.Serial or LoadScenario.Flood => (LoadTransport.Http, program.Http),
            LoadTransport.Bosh => (LoadTransport.Bosh, Tls ? program.SecureBosh : program.Bosh),
            _ => (Transport, null),
        };
        if (target is null)
        {
            return null;
        }

        var isServer = program.Tcp is not null;
        var processes = new Dictionary<string, int>(StringComparer.Ordinal) { ["gateway"] = program.Id };
        if (!isServer)
        {
            processes["server"] = sink.Id;
        }

        return new ScenarioOptions
        {
            Name = RunName(program.Name),
            Transport = transport,
            Scenario = Scenario,
            Target = target,
            Server = (isServer ? program : sink).Tcp,
            IsRawStream = transport == LoadTransport.WebSocket && program.IsRawStream,
            Sessions = Sessions,
            Rate = Rate,
            IdleSteps = Who.IsPeer(program.Name) ? PeerIdleSteps : IdleSteps,
            Processes = processes,
        };
    }

    /// <summary>As the report tells runs apart: who, then what.</summary>
    private string RunName(string who) => who switch
    {
        Who.Relay or Who.SecureRelay or Who.Echo => $"floor {who} {Name}",
        Who.Tcp => $"tcp {Name.Split(' ', 2)[1]}",
        _ => $"{who} {Name}",
    };
}
