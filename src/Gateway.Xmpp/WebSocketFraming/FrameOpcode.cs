namespace Gateway.Xmpp.WebSocketFraming;

/// <summary>What a frame is (RFC 6455 §5.2, §11.8); the numbers are those on the wire.</summary>
public enum FrameOpcode : byte
{
    /// <summary>A further part of a message.</summary>
    Continuation = 0x0,

    /// <summary>Text, or its first part.</summary>
    Text = 0x1,

    /// <summary>Binary, or its first part.</summary>
    Binary = 0x2,

    /// <summary>The connection is to be closed.</summary>
    Close = 0x8,

    /// <summary>To be answered with its payload.</summary>
    Ping = 0x9,

    /// <summary>The answer.</summary>
    Pong = 0xA,
}
