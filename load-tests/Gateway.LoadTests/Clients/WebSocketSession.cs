using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.LoadTests.Clients;

/// <summary>XMPP over WebSocket (RFC 7395); or a TCP stream's bytes in messages, for the floor that knows no XMPP.</summary>
internal sealed partial class WebSocketSession : LoadSession, IWireUser
{
    // A message is a whole document: one framer a thread is enough, and thousands of idle sessions hold none.
    [ThreadStatic]
    private static XmppFramer? _documents;

    private readonly XmppFramer? _stream;
    private readonly PooledByteWriter _rest = new();
    private readonly Wire _wire;
    private readonly uint _mask = (uint)Random.Shared.NextInt64(1, uint.MaxValue);
    private bool _isUpgraded;
    private bool _isFragmented;
    private bool _hasPeerClosed;

    /// <inheritdoc cref="LoadSession"/>
    public WebSocketSession(SessionSettings settings, ISessionListener listener)
        : base(settings, listener)
    {
        _stream = settings.IsRawStream ? new XmppFramer(FramerMode.Stream, FramingLimits.Default) : null;
        _wire = new Wire(this, settings.Wire, settings.Target.EndPoint.AddressFamily);
    }

    /// <inheritdoc/>
    public override int QueuedBytes => _wire.QueuedBytes;

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> stanza) => SendFrame(WebSocketFrames.Text, stanza);

    /// <inheritdoc/>
    public override void Cork() => _wire.Cork();

    /// <inheritdoc/>
    public override void Uncork() => _wire.Uncork();

    /// <inheritdoc/>
    public override void Pause() => _wire.Pause();

    /// <inheritdoc/>
    public override void Resume() => _wire.Resume();

    /// <inheritdoc/>
    public int Received(ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        if (!_isUpgraded)
        {
            done = ReadHandshake(bytes);
            if (done == 0)
            {
                return 0;
            }
        }

        while (WebSocketFrames.TryRead(bytes[done..], out var frame))
        {
            OnFrame(frame, bytes.Slice(done + frame.Start, frame.Length));
            done += frame.End;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Lost(string reason)
    {
        if (_hasPeerClosed)
        {
            GoodbyeAnswered();
        }

        Fail(reason);
    }

    /// <inheritdoc/>
    protected override void OpenStream(bool isRestart)
    {
        if (_stream is null)
        {
            Send(Encoding.UTF8.GetBytes($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{Settings.Domain}' version='1.0'/>"));
            return;
        }

        _stream.Reset();
        Send(Encoding.UTF8.GetBytes(
            $"<?xml version='1.0'?><stream:stream to='{Settings.Domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"));
    }

    /// <inheritdoc/>
    protected override void SendGoodbye() =>
        Send(_stream is null ? "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"u8 : "</stream:stream>"u8);

    /// <inheritdoc/>
    protected override void OnPeerGoodbye()
    {
        if (IsEnding)
        {
            _hasPeerClosed = true;
            // RFC 7395 §3.6: the streams are closed, the WebSocket comes next; its answer or the end of the connection is awaited.
            SendFrame(WebSocketFrames.Close, [0x03, 0xE8]);
        }
        else
        {
            Fail("the server closed the stream");
        }
    }

    /// <inheritdoc/>
    protected override void Cut() => _wire.Vanish();

    /// <inheritdoc/>
    protected override void Release()
    {
        _wire.Dispose();
        lock (_rest)
        {
            _rest.Clear();
        }
    }

    private void SendFrame(byte opcode, ReadOnlySpan<byte> payload)
    {
        lock (_wire.Gate)
        {
            WebSocketFrames.Write(_wire.Pending, opcode, payload, _mask);
        }

        _wire.Flush();
    }

    private void OnFrame(in WebSocketFrame frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Opcode)
        {
            case WebSocketFrames.Ping:
                SendFrame(WebSocketFrames.Pong, payload);
                break;
            case WebSocketFrames.Pong:
                break;
            case WebSocketFrames.Close:
                GoodbyeAnswered();
                Fail("the server closed the WebSocket");
                break;
            default:
                OnData(frame, payload);
                break;
        }
    }

    private void OnData(in WebSocketFrame frame, ReadOnlySpan<byte> payload)
    {
        lock (_rest)
        {
            if (_stream is not null)
            {
                OnStreamBytes(_stream, payload);
            }
            else if (frame.IsFinal && !_isFragmented)
            {
                OnDocument(payload);
            }
            else
            {
                _rest.Write(payload);
                _isFragmented = !frame.IsFinal;
                if (frame.IsFinal)
                {
                    OnDocument(_rest.WrittenSpan);
                    _rest.Clear();
                }
            }
        }
    }

    private void OnStreamBytes(XmppFramer framer, ReadOnlySpan<byte> payload)
    {
        if (_rest.WrittenCount == 0)
        {
            var done = ReadStream(framer, payload);
            if (done < payload.Length)
            {
                _rest.Write(payload[done..]);
            }

            return;
        }

        _rest.Write(payload);
        var all = _rest.WrittenSpan;
        var rest = all[ReadStream(framer, all)..];
        if (!rest.IsEmpty)
        {
            rest.CopyTo(_rest.Written(0, rest.Length));
            _rest.Truncate(rest.Length);
        }
        else
        {
            _rest.Clear();
        }
    }

    private void OnDocument(ReadOnlySpan<byte> document)
    {
        var framer = _documents ??= new XmppFramer(FramerMode.Document, FramingLimits.Default);
        framer.Reset();
        var element = framer.Read(document);
        if (element.Kind != StreamElementKind.FirstLevelElement || element.End != document.Length)
        {
            throw new InvalidDataException($"A message that is not one element ({element.Kind}, {framer.Error}): {Encoding.UTF8.GetString(document)}");
        }

        if (element.Namespace == KnownNamespace.Framing)
        {
            if (element.LocalName(document).SequenceEqual("close"u8))
            {
                OnPeerGoodbye();
            }
        }
        else
        {
            OnElement(element, document);
        }
    }
}
