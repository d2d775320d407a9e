using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Core.WebSockets;

/// <summary>What a message of the client is, and where it goes.</summary>
public sealed partial class XmppWebSocketSession
{
    private async ValueTask TakeMessageAsync(CancellationToken aborted)
    {
        if (_ending.Task.IsCompleted)
        {
            return;
        }

        if (!TryFrame(out var element, out var ending))
        {
            await EndUpAsync(ending);
        }
        else if (element.Namespace == KnownNamespace.Framing)
        {
            await TakeFramingAsync(element, aborted);
        }
        else if (Domain is null)
        {
            // WS-032: the first message is open, in its own namespace.
            var isMisnamed = element.LocalName(Message).SequenceEqual("open"u8) || element.LocalName(Message).SequenceEqual("close"u8);
            End(isMisnamed ? SessionEndReason.InvalidNamespace : SessionEndReason.BadFormat);
        }
        else if (_isRestartDue)
        {
            await EndUpAsync(Ending(SessionEndReason.NotAuthorized)); // WS-042
        }
        else
        {
            await TakeElementAsync(element);
        }
    }

    /// <summary>One message is one element (WS-023); everything else is refused, each in its own way.</summary>
    private bool TryFrame(out StreamElement element, [NotNullWhen(false)] out WebSocketEnding? ending)
    {
        ending = null;
        _framer.Reset();
        _framer.Limits = ClientLimits;
        element = _framer.Read(Message);
        var rest = Message[element.End..];
        var after = element.Kind == StreamElementKind.FirstLevelElement ? _framer.Read(rest) : default;
        if (element.Kind == StreamElementKind.FirstLevelElement && after.Kind is StreamElementKind.None or StreamElementKind.Whitespace && after.End == rest.Length)
        {
            return true;
        }

        // WS-024: what does not even begin as an element gets Close 1007; WS-026 and the limits their own conditions.
        var begins = !Message.IsEmpty && Message[0] == (byte)'<';
        var reason = (begins ? _framer.Error : FramingError.BadFormat) switch
        {
            FramingError.None or FramingError.NotWellFormed => SessionEndReason.NotWellFormed,
            FramingError.RestrictedXml => SessionEndReason.RestrictedXml,
            FramingError.InvalidUtf8 or FramingError.UnsupportedEncoding => SessionEndReason.UnsupportedEncoding,
            FramingError.BadFormat => SessionEndReason.BadFormat,
            FramingError.TooBig => SessionEndReason.StanzaTooBig,
            _ => SessionEndReason.StanzaTooComplex,
        };
        ending = Ending(reason);
        ending = begins ? ending : ending with { Code = WebSocketCloseStatus.InvalidPayloadData };
        return false;
    }

    private async ValueTask TakeFramingAsync(StreamElement element, CancellationToken aborted)
    {
        if (OpenClose.Is("close"u8, element, Message))
        {
            await EndUpAsync(Ending(Domain is null ? SessionEndReason.BadFormat : SessionEndReason.ClientClosed));
            return;
        }

        if (!OpenClose.Is("open"u8, element, Message) || (Domain is not null && !_isRestartDue))
        {
            await EndUpAsync(Ending(SessionEndReason.BadFormat)); // WS-029, WS-038
            return;
        }

        var header = StreamHeader.Parse(element, Message);
        _client.ReleaseBuffer();
        if (!IsSupported(header.Version))
        {
            await EndUpAsync(Ending(SessionEndReason.UnsupportedVersion)); // WS-037
        }
        else if (_isRestartDue)
        {
            await RestartAsync(header);
        }
        else
        {
            await OpenAsync(header, aborted);
        }
    }

    /// <summary>Forwards an element, or refuses it where the specifications say so.</summary>
    private ValueTask TakeElementAsync(StreamElement element)
    {
        if (Refusal(element) is { } reason)
        {
            return EndUpAsync(Ending(reason));
        }

        var start = _upBatch.WrittenCount;
        NamespaceRebaser.Write(_upBatch, Message, element, NamespaceScope.Empty, RebaseTarget.Stream);
        if (!MayGoUp(start, out var refusal))
        {
            return RefuseAsync(refusal);
        }

        Counters.CountUp(element.Length);
        return ValueTask.CompletedTask;
    }

    private SessionEndReason? Refusal(in StreamElement element)
    {
        var name = element.LocalName(Message);
        var isStanza = name.SequenceEqual("message"u8) || name.SequenceEqual("presence"u8) || name.SequenceEqual("iq"u8);
        switch (element.Namespace)
        {
            case KnownNamespace.Streams when !name.SequenceEqual("error"u8):
                return SessionEndReason.BadFormat; // WS-029
            case KnownNamespace.Server:
            case KnownNamespace.None when !isStanza:
            case KnownNamespace.Other when name.SequenceEqual("open"u8) || name.SequenceEqual("close"u8):
                return SessionEndReason.InvalidNamespace; // WS-028, WS-032
            case KnownNamespace.Tls when name.SequenceEqual("starttls"u8):
                return SessionEndReason.UnsupportedStanzaType; // WS-040
            default:
                return null;
        }
    }
}
