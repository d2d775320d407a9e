using System.Net.WebSockets;

namespace Gateway.Core.WebSockets;

/// <summary>
/// The server's side of a WebSocket (RFC 6455) over an upgraded connection, for what XMPP needs of it: whole messages in, batches
/// of text frames out. All that one read brought is taken before the next read, and while nothing is there it holds no buffer.
/// One reader; writers wait for one another.
/// </summary>
public sealed partial class WebSocketConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly TimeProvider _time;

    /// <summary>Takes the connection over.</summary>
    /// <param name="stream">What was upgraded. It sends what is written at once, without a flush; a zero-byte read waits until there is something to read.</param>
    /// <param name="time">The clock.</param>
    public WebSocketConnection(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _lastRead = time.GetTimestamp();
    }

    /// <summary>The code of the Close frame that went out; null while none has.</summary>
    public WebSocketCloseStatus? CloseSent { get; private set; }

    /// <summary>The code of the Close frame that came, <see cref="WebSocketCloseStatus.Empty"/> for one without; null while none has.</summary>
    public WebSocketCloseStatus? CloseReceived { get; private set; }

    /// <summary>permessage-deflate was agreed on; null when it was not.</summary>
    internal MessageDeflater? Deflater { get; private set; }

    /// <summary>permessage-deflate was agreed on: long messages go compressed from now on.</summary>
    /// <param name="windowBits">What the client's inflater may look back, as a power of two; 9 to 15.</param>
    public void EnableDeflate(int windowBits) => Deflater = new MessageDeflater(windowBits);

    /// <summary>Gives the connection up. The reader still has to <see cref="ReturnBuffer"/>.</summary>
    public void Dispose() => _stream.Dispose();
}
