using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>RFC 6120 §5, from the features to the byte where TLS begins.</summary>
internal static class StartTlsNegotiation
{
    private static readonly ReadOnlyMemory<byte> StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"u8.ToArray();

    /// <summary>Asks for TLS whether or not it is offered (XS-020), and returns the bare transport when the server is ready.</summary>
    /// <param name="stream">A plain stream whose features are current.</param>
    /// <param name="limit">The time limits.</param>
    /// <param name="stepTimeout">How long the answer is waited for.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="BackendConnectException">With the named cause.</exception>
    public static async ValueTask<Stream> NegotiateAsync(TcpXmppStream stream, StepLimit limit, TimeSpan stepTimeout, TimeProvider time)
    {
        // Only for the name of the cause: an offer can be stripped by an attacker, so nothing depends on it.
        var offered = OffersStartTls(stream);
        StreamElement answer;
        try
        {
            var token = limit.Begin("answer to starttls", stepTimeout);
            await StreamOpening.WriteAsync(stream.WriteAsync(StartTls, token));
            answer = await StreamOpening.NextAsync(stream, time, token);
        }
        catch (Exception e) when (!offered && (e is BackendConnectException || (e is OperationCanceledException && limit.IsReached)))
        {
            var cause = e is OperationCanceledException late ? limit.Reached(late) : e;
            throw new BackendConnectException(SessionEndReason.StarttlsMissing, "the server offers no STARTTLS: " + cause.Message, cause);
        }

        // XS-022: only <proceed/> lets the session go on.
        if (answer.Namespace != KnownNamespace.Tls || !answer.LocalName(stream.Buffer).SequenceEqual("proceed"u8))
        {
            var failure = answer.Namespace == KnownNamespace.Tls && answer.LocalName(stream.Buffer).SequenceEqual("failure"u8);
            throw failure || !offered
                ? new BackendConnectException(SessionEndReason.StarttlsMissing, "the server refused STARTTLS")
                : new BackendConnectException(SessionEndReason.BackendProtocolError, "the server answered starttls with something else");
        }

        // XS-023: an honest server is silent until the ClientHello; what follows was put there by somebody else.
        if (stream.HasMore)
        {
            throw new BackendConnectException(SessionEndReason.BackendProtocolError, "the server sent plain text behind <proceed/>");
        }

        return stream.Detach();
    }

    private static bool OffersStartTls(TcpXmppStream stream)
    {
        using var features = new PooledByteWriter();
        NamespaceRebaser.Write(features, stream.Buffer, stream.Current, stream.Scope, RebaseTarget.Message);
        return StreamFeatures.OffersStartTls(features.WrittenSpan);
    }
}
