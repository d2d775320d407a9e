namespace Gateway.Core.WebSockets;

/// <summary>What the client's frames bring, one after the other.</summary>
internal enum WebSocketEvent : byte
{
    /// <summary>Nothing whole any more: read on.</summary>
    None,

    /// <summary>A text message; it stands in <see cref="WebSocketConnection.Message"/>.</summary>
    Text,

    /// <summary>A binary message.</summary>
    Binary,

    /// <summary>A message that is longer than it may be; the rest of it is passed over.</summary>
    TooBig,

    /// <summary>A ping, to be answered with <see cref="WebSocketConnection.PongAsync"/>.</summary>
    Ping,

    /// <summary>The Close frame; nothing follows it.</summary>
    Close,

    /// <summary>Something against the protocol; nothing that follows it counts. <see cref="WebSocketConnection.Refusal"/> is the code to close with.</summary>
    Invalid,
}
