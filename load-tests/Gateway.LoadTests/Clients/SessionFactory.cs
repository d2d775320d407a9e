using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Clients;

/// <summary>Makes sessions of the transport asked for.</summary>
internal static class SessionFactory
{
    /// <summary>Makes one that is not connected yet.</summary>
    public static LoadSession Create(LoadTransport transport, SessionSettings settings, ISessionListener listener) => transport switch
    {
        LoadTransport.Tcp => new TcpSession(settings, listener),
        LoadTransport.WebSocket => new WebSocketSession(settings, listener),
        LoadTransport.Bosh => new BoshSession(settings, listener),
        LoadTransport.Http => new HttpEchoSession(settings, listener),
        _ => throw new ArgumentOutOfRangeException(nameof(transport)),
    };
}
