namespace Gateway.Core.Sessions;

/// <summary>How a client reached the gateway; the metric label <c>transport</c>.</summary>
public enum ClientTransport : byte
{
    /// <summary>BOSH.</summary>
    Bosh,

    /// <summary>WebSocket.</summary>
    WebSocket,

    /// <summary>Direct TLS.</summary>
    DirectTls,
}

/// <summary>All that the registry needs of a session.</summary>
public interface IClientSession
{
    /// <summary>Public and loggable; not the sid, which is a bearer secret.</summary>
    SessionId Id { get; }

    /// <summary>How the client came.</summary>
    ClientTransport Transport { get; }

    /// <summary>The configured domain (or pattern) it is on; null before the stream is opened.</summary>
    string? Domain { get; }

    /// <summary>When it began.</summary>
    DateTimeOffset StartedAt { get; }

    /// <summary>What it has moved so far.</summary>
    SessionCounters Counters { get; }

    /// <summary>Ends it from outside, with the refusal of its transport; completes when everything it held is released.</summary>
    Task CloseAsync(SessionEndReason reason);
}

/// <summary>Plain counters of one session, written by one thread a direction, read by the instruments .</summary>
public sealed class SessionCounters
{
    /// <summary>First-level elements from the client.</summary>
    public long StanzasUp { get; private set; }

    /// <summary>First-level elements to the client.</summary>
    public long StanzasDown { get; private set; }

    /// <summary>Bytes of elements from the client.</summary>
    public long BytesUp { get; private set; }

    /// <summary>Bytes of elements to the client.</summary>
    public long BytesDown { get; private set; }

    /// <summary>One element went up.</summary>
    public void CountUp(int bytes)
    {
        StanzasUp++;
        BytesUp += bytes;
    }

    /// <summary>One element went down.</summary>
    public void CountDown(int bytes)
    {
        StanzasDown++;
        BytesDown += bytes;
    }
}
