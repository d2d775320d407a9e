using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>A POST of a body as large as a BOSH body with one stanza, that comes back as it is: what HTTP alone costs. One connection, one request at a time.</summary>
internal sealed class HttpEchoSession : LoadSession, IHttpUser
{
    private static readonly byte[] Start = "<body rid='123456789' xmlns='http://jabber.org/protocol/httpbind' sid='0123456789abcdef0123456789abcdef'>"u8.ToArray();
    private static readonly byte[] End = "</body>"u8.ToArray();

    private readonly HttpConnection _connection;
    private readonly PooledByteWriter _body = new();

    /// <inheritdoc cref="LoadSession"/>
    public HttpEchoSession(SessionSettings settings, ISessionListener listener)
        : base(settings, listener) => _connection = new HttpConnection(this, settings.Target, settings.Wire);

    /// <inheritdoc/>
    public override int QueuedBytes => _connection.QueuedBytes;

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> stanza)
    {
        _body.Write(Start);
        _body.Write(stanza);
        _body.Write(End);
        Settings.OnRequest?.Invoke();
        _connection.Send(_body.WrittenSpan);
        _body.Clear();
    }

    /// <inheritdoc/>
    public override void Cork()
    {
    }

    /// <inheritdoc/>
    public override void Uncork()
    {
    }

    /// <inheritdoc/>
    public override void Pause() => _connection.Pause();

    /// <inheritdoc/>
    public override void Resume() => _connection.Resume();

    /// <inheritdoc/>
    public void OnResponse(HttpConnection connection, ReadOnlySpan<byte> body)
    {
        connection.Free();
        if (!body.StartsWith(Start) || !body.EndsWith(End))
        {
            throw new InvalidDataException($"Not what was sent: {Encoding.UTF8.GetString(body)}");
        }

        var stanza = body[Start.Length..^End.Length];
        Deliver(stanza, stanza.IndexOf((byte)'>') + 1);
    }

    /// <inheritdoc/>
    public void OnFailed(HttpConnection connection, string reason) => Fail(reason);

    /// <inheritdoc/>
    protected override Task ConnectAsync(CancellationToken cancellationToken)
    {
        SkipNegotiation($"{Settings.Resource}.0123456789abcdef@{Settings.Domain}/{Settings.Resource}");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void OpenStream(bool isRestart)
    {
    }

    /// <inheritdoc/>
    protected override void SendGoodbye() => GoodbyeAnswered();

    /// <inheritdoc/>
    protected override void Cut() => _connection.Vanish();

    /// <inheritdoc/>
    protected override void Release() => _connection.Dispose();
}
