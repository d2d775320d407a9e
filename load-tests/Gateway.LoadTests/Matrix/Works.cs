using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>All that the matrix measures.</summary>
internal static class Works
{
    public const string WsPaced = "ws paced";
    public const string WsFlood = "ws flood";
    public const string WsFanIn = "ws fan-in";
    public const string WsLogin = "ws login";
    public const string WsIdle = "ws idle";
    public const string TlsPaced = "tls paced";
    public const string TlsFlood = "tls flood";
    public const string TlsLogin = "tls login";
    public const string TlsIdle = "tls idle";
    public const string BoshSerial = "bosh serial";
    public const string BoshPaced = "bosh paced";
    public const string BoshFlood = "bosh flood";
    public const string BoshFanIn = "bosh fan-in";
    public const string BoshLogin = "bosh login";
    public const string BoshIdle = "bosh idle";

    private const int FloodSessions = 20;
    private const int LoginsAtATime = 16;

    /// <summary>In the order of a round.</summary>
    public static IReadOnlyList<Work> All(bool quick)
    {
        IReadOnlyList<int> idle = quick ? [1000, 3000] : [3000, 8000];

        // A BOSH session may have two connections and a third behind the gateway: three descriptors where a WebSocket takes two.
        IReadOnlyList<int> boshIdle = quick ? [1000, 3000] : [2000, 6000];
        return
        [
            new(WsPaced, LoadTransport.WebSocket, LoadScenario.Paced),
            new(WsFlood, LoadTransport.WebSocket, LoadScenario.Flood) { Sessions = FloodSessions },
            new(WsFanIn, LoadTransport.WebSocket, LoadScenario.FanIn) { Sessions = FloodSessions },
            new(WsLogin, LoadTransport.WebSocket, LoadScenario.Login) { Sessions = LoginsAtATime },
            new(TlsPaced, LoadTransport.WebSocket, LoadScenario.Paced, Tls: true),
            new(TlsFlood, LoadTransport.WebSocket, LoadScenario.Flood, Tls: true) { Sessions = FloodSessions },
            new(TlsLogin, LoadTransport.WebSocket, LoadScenario.Login, Tls: true) { Sessions = LoginsAtATime },
            new(BoshSerial, LoadTransport.Bosh, LoadScenario.Serial) { Sessions = 1 },
            new(BoshPaced, LoadTransport.Bosh, LoadScenario.Paced) { Rate = 500 },
            new(BoshFlood, LoadTransport.Bosh, LoadScenario.Flood) { Sessions = FloodSessions },
            new(BoshFanIn, LoadTransport.Bosh, LoadScenario.FanIn) { Sessions = FloodSessions },
            new(BoshLogin, LoadTransport.Bosh, LoadScenario.Login) { Sessions = LoginsAtATime },
            new(WsIdle, LoadTransport.WebSocket, LoadScenario.Idle) { IdleSteps = idle },
            new(TlsIdle, LoadTransport.WebSocket, LoadScenario.Idle, Tls: true) { IdleSteps = idle },
            new(BoshIdle, LoadTransport.Bosh, LoadScenario.Idle) { IdleSteps = boshIdle },
        ];
    }
}
