namespace Gateway.Core.Backend.Pools;

/// <summary>What can be seen of a server.</summary>
public sealed class ServerState
{
    internal ServerState(BackendServer server, bool isNamed)
    {
        Server = server.Address.ToString();
        State = !isNamed ? Availability.Leaving : server.IsDown ? Availability.Down : Availability.Up;
        Breaker = server.Breaker;
        Sessions = server.Sessions;
        Logins = server.Logins;
        LastFailure = server.LastFailure;
        LastSuccess = server.LastSuccess;
        LastConnectSeconds = server.LastSuccess is null ? null : server.LastConnectTime.TotalSeconds;
    }

    /// <summary>Its address.</summary>
    public string Server { get; }

    /// <summary>Whether it gets sessions.</summary>
    public Availability State { get; }

    /// <summary>Its circuit breaker.</summary>
    public BreakerState Breaker { get; }

    /// <summary>Sessions, those being opened included.</summary>
    public int Sessions { get; }

    /// <summary>Logins under way to a stream with it.</summary>
    public int Logins { get; }

    /// <summary>How it failed last.</summary>
    public ServerFailure? LastFailure { get; }

    /// <summary>When a stream to it was ready last.</summary>
    public DateTimeOffset? LastSuccess { get; }

    /// <summary>How long that took, in seconds.</summary>
    public double? LastConnectSeconds { get; }
}
