using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.LoadTests.Clients;

/// <summary>A stream straight to a server (RFC 6120), without TLS.</summary>
internal sealed class TcpSession : LoadSession, IWireUser
{
    private readonly XmppFramer _framer = new(FramerMode.Stream, FramingLimits.Default);
    private readonly Wire _wire;

    /// <inheritdoc cref="LoadSession"/>
    public TcpSession(SessionSettings settings, ISessionListener listener)
        : base(settings, listener) => _wire = new Wire(this, settings.Wire, settings.Target.EndPoint.AddressFamily);

    /// <inheritdoc/>
    public override int QueuedBytes => _wire.QueuedBytes;

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> stanza)
    {
        _wire.Append(stanza);
        _wire.Flush();
    }

    /// <inheritdoc/>
    public override void Cork() => _wire.Cork();

    /// <inheritdoc/>
    public override void Uncork() => _wire.Uncork();

    /// <inheritdoc/>
    public override void Pause() => _wire.Pause();

    /// <inheritdoc/>
    public override void Resume() => _wire.Resume();

    /// <inheritdoc/>
    public int Received(ReadOnlySpan<byte> bytes) => ReadStream(_framer, bytes);

    /// <inheritdoc/>
    public void Lost(string reason) => Fail(reason);

    /// <inheritdoc/>
    protected override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await _wire.ConnectAsync(Settings.Target, cancellationToken);
        BeginNegotiation();
    }

    /// <inheritdoc/>
    protected override void OpenStream(bool isRestart)
    {
        _framer.Reset();
        Send(Encoding.UTF8.GetBytes(
            $"<?xml version='1.0'?><stream:stream to='{Settings.Domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"));
    }

    /// <inheritdoc/>
    protected override void SendGoodbye() => Send("</stream:stream>"u8);

    /// <inheritdoc/>
    protected override void Cut() => _wire.Vanish();

    /// <inheritdoc/>
    protected override void Release() => _wire.Dispose();
}
