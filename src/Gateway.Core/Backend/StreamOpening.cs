using System.Text;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>From a connected transport to the features of a stream: the same before and inside TLS.</summary>
internal static class StreamOpening
{
    /// <summary>Sends the header, takes the server's, waits for its features, which are then current (XS-016).</summary>
    /// <exception cref="BackendConnectException">With the named cause; what could be said to the server was said.</exception>
    public static async ValueTask OpenAsync(TcpXmppStream stream, StreamHeader header, StepLimit limit, TimeSpan stepTimeout, TimeProvider time)
    {
        var token = limit.Begin("stream header", stepTimeout);
        await WriteAsync(stream.RestartAsync(header, token));
        var first = await NextAsync(stream, time, token);
        if (first.Kind != StreamElementKind.StreamHeader)
        {
            throw await ProtocolErrorAsync(stream, StreamErrorCondition.BadFormat, time);
        }

        switch (stream.Header.Refusal())
        {
            case null:
                break;
            case StreamErrorCondition.UnsupportedVersion:
                await stream.AnswerCloseAsync(time);
                throw new BackendConnectException(SessionEndReason.BackendProtocolError, "the server's stream is not of version 1.0");
            case { } refusal:
                throw await ProtocolErrorAsync(stream, refusal, time);
        }

        var features = await NextAsync(stream, time, limit.Begin("stream features", stepTimeout));
        if (features.Namespace != KnownNamespace.Streams || !features.LocalName(stream.Buffer).SequenceEqual("features"u8))
        {
            throw await ProtocolErrorAsync(stream, StreamErrorCondition.BadFormat, time);
        }
    }

    /// <summary>The next header or first-level element; everything else is a failure.</summary>
    public static async ValueTask<StreamElement> NextAsync(TcpXmppStream stream, TimeProvider time, CancellationToken cancellationToken)
    {
        StreamElement element;
        while (!stream.TryRead(out element))
        {
            if (!await stream.FillAsync(cancellationToken))
            {
                throw new BackendConnectException(SessionEndReason.BackendLost, "the server dropped the connection");
            }
        }

        switch (element.Kind)
        {
            case StreamElementKind.Error:
                throw await ProtocolErrorAsync(stream, stream.Error.ToCondition(), time);
            case StreamElementKind.StreamClose:
                await stream.AnswerCloseAsync(time);
                // An orderly end is one of a stream that was there (WS-050, BOSH-096).
                throw new BackendConnectException(SessionEndReason.BackendProtocolError, "the server closed the stream before it was ready");
            case StreamElementKind.FirstLevelElement when BackendStreamError.Is(element, stream.Buffer):
                using (var output = new Xmpp.Buffers.PooledByteWriter())
                {
                    BackendStreamError.Write(output, stream, RebaseTarget.Message);
                    var error = output.WrittenSpan.ToArray();
                    var condition = BackendStreamError.Condition(element.Slice(stream.Buffer));
                    var name = condition is { } known ? Encoding.ASCII.GetString(known.ToBytes()) : "other"; // never the server's text
                    var other = stream.IsProtected ? BackendStreamError.SeeOtherHost(element.Slice(stream.Buffer)) : null; // XS-049
                    await stream.AnswerCloseAsync(time);
                    throw new BackendConnectException(SessionEndReason.RemoteStreamError, $"the server sent the stream error {name}")
                    {
                        StreamError = error,
                        Condition = condition,
                        SeeOtherHost = other,
                    };
                }

            default:
                return element;
        }
    }

    /// <summary>A write whose loss is one of the named causes.</summary>
    public static async ValueTask WriteAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (IOException e)
        {
            throw new BackendConnectException(SessionEndReason.BackendLost, "the server dropped the connection", e);
        }
    }

    private static async ValueTask<BackendConnectException> ProtocolErrorAsync(TcpXmppStream stream, StreamErrorCondition condition, TimeProvider time)
    {
        await stream.FailAsync(condition, time);
        return new BackendConnectException(SessionEndReason.BackendProtocolError, $"what the server sent is not acceptable: {condition}");
    }
}
