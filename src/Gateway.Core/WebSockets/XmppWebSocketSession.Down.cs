using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Core.WebSockets;

/// <summary>From the backend to the client.</summary>
public sealed partial class XmppWebSocketSession
{
    private readonly PooledByteWriter _downBatch = new();
    private string _streamDomain = "";
    private string? _from;
    private string _lang = "en";

    /// <summary>Relays one backend stream: until a restart is due, or the stream or its connection ends.</summary>
    private async Task RunDownAsync(IXmppStream backend, bool isNew)
    {
        try
        {
            if (isNew)
            {
                // The connector stopped at the features.
                WriteOpen(backend);
                Relay(backend, backend.Current);
            }

            do
            {
                var goesOn = true;
                while (goesOn && backend.TryRead(out var element))
                {
                    goesOn = Relay(backend, element);
                }

                await FlushDownAsync();
                if (!goesOn)
                {
                    return;
                }
            }
            while (await backend.FillAsync(CancellationToken.None)); // ended by disposing it

            End(SessionEndReason.BackendLost);
        }
        catch (Exception e)
        {
            Log.Failed(_context.Log, Id, e);
            End(SessionEndReason.InternalServerError);
        }
        finally
        {
            _downBatch.Clear();
        }
    }

    /// <summary>Adds an element to the batch. False: nothing more is to be read from this stream.</summary>
    private bool Relay(IXmppStream backend, in StreamElement element)
    {
        switch (element.Kind)
        {
            case StreamElementKind.StreamHeader:
                if (backend.Header.Refusal() is { } refusal)
                {
                    End(WebSocketEnding.For(SessionEndReason.BackendProtocolError, _isOpen, _isResumable) with { BackendCondition = refusal });
                    return false;
                }

                WriteOpen(backend);
                return true;
            case StreamElementKind.StreamClose:
                End(SessionEndReason.BackendClosed);
                return false;
            case StreamElementKind.Error:
                End(WebSocketEnding.For(SessionEndReason.BackendProtocolError, _isOpen, _isResumable) with { BackendCondition = backend.Error.ToCondition() });
                return false;
        }

        if (_isEnding && _ending.Task.Result.Reason != SessionEndReason.ClientClosed)
        {
            return true; // read away until the backend closes
        }

        var buffer = backend.Buffer;
        if (BackendStreamError.Is(element, buffer))
        {
            using var error = new PooledByteWriter();
            BackendStreamError.Write(error, backend, RebaseTarget.Message);
            End(WebSocketEnding.For(SessionEndReason.RemoteStreamError, _isOpen, _isResumable) with { RelayedError = error.WrittenSpan.ToArray() });
            return false;
        }

        var frame = WebSocketTransportStream.BeginText(_downBatch);
        var goesOn = RelayElement(backend, buffer, element);
        WebSocketTransportStream.EndText(_downBatch, frame);
        Counters.CountDown(element.Length);
        return goesOn;
    }

    private bool RelayElement(IXmppStream backend, ReadOnlySpan<byte> buffer, in StreamElement element)
    {
        switch (element.Namespace)
        {
            case KnownNamespace.Streams when element.LocalName(buffer).SequenceEqual("features"u8):
                StreamFeaturesPolicy.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message, ClientLimits);
                return true;
            case KnownNamespace.Sasl when element.LocalName(buffer).SequenceEqual("success"u8):
                // WS-041: both streams are over; nothing more is read before the client opens its new one.
                _isAuthenticated = true;
                _isRestartDue = true;
                NamespaceRebaser.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message);
                return false;
            case KnownNamespace.Sasl2 when element.LocalName(buffer).SequenceEqual("success"u8):
                _isAuthenticated = true; // XS-046: no restart follows
                break;
            case KnownNamespace.StreamManagement:
                _isResumable |= StreamManagement.GrantsResumption(element, buffer);
                if (StreamManagement.TryWriteWithoutLocation(_downBatch, element.Slice(buffer)))
                {
                    return true;
                }

                break;
        }

        NamespaceRebaser.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message);
        return true;
    }

    private void WriteOpen(IXmppStream backend)
    {
        // WS-034: the attributes are those of the stream that the client will use; `to` only if the client said who it is (WS-033).
        var frame = WebSocketTransportStream.BeginText(_downBatch);
        OpenClose.WriteOpen(_downBatch, backend.Header with
        {
            From = backend.Header.From ?? _streamDomain,
            To = _from is null ? null : backend.Header.To ?? _from,
            Lang = backend.Header.Lang ?? _lang,
        });
        WebSocketTransportStream.EndText(_downBatch, frame);
        _isOpen = true;
    }

    private async ValueTask FlushDownAsync()
    {
        if (_downBatch.WrittenCount > 0)
        {
            try
            {
                await _transport.WriteFramesAsync(_downBatch.WrittenMemory, last: false, _abort.Token);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The client has gone. What the backend still says is read away, so that its own close is seen.
                End(SessionEndReason.ClientLost);
            }

            _downBatch.Clear();
        }
    }

    private async Task RefuseCompressionAsync()
    {
        using var answer = new PooledByteWriter();
        var frame = WebSocketTransportStream.BeginText(answer);
        answer.Write("<failure xmlns='http://jabber.org/protocol/compress'><setup-failed/></failure>"u8);
        WebSocketTransportStream.EndText(answer, frame);
        try
        {
            await _transport.WriteFramesAsync(answer.WrittenMemory, last: false, _abort.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            End(SessionEndReason.ClientLost);
        }
    }
}
