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
    private bool _hasOpen;

    /// <summary>Relays what the backend says, over a restart too, until its stream or its connection ends.</summary>
    private async Task RunDownAsync(IXmppStream backend)
    {
        try
        {
            // The connector stopped at the features.
            WriteOpen(backend);
            var ending = Relay(backend, backend.Current);
            while (true)
            {
                while (ending is null && backend.TryRead(out var element))
                {
                    ending = Relay(backend, element);
                }

                // What came before the end is on its way before anybody hears of the end.
                await FlushDownAsync();
                if (ending is not null)
                {
                    End(ending);
                    return;
                }

                if (!await backend.FillAsync(CancellationToken.None)) // ended by disposing it
                {
                    End(SessionEndReason.BackendLost);
                    return;
                }
            }
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

    /// <summary>Adds an element to the batch. An ending: nothing more is to be read.</summary>
    private WebSocketEnding? Relay(IXmppStream backend, in StreamElement element)
    {
        switch (element.Kind)
        {
            case StreamElementKind.StreamHeader:
                if (backend.Header.Refusal() is { } refusal)
                {
                    return Ending(SessionEndReason.BackendProtocolError) with { BackendCondition = refusal };
                }

                WriteOpen(backend);
                return null;
            case StreamElementKind.StreamClose:
                return Ending(SessionEndReason.BackendClosed);
            case StreamElementKind.Error:
                return Ending(SessionEndReason.BackendProtocolError) with { BackendCondition = backend.Error.ToCondition() };
        }

        if (_isEnding && _ending.Task.Result.Reason != SessionEndReason.ClientClosed)
        {
            return null; // read away until the backend closes
        }

        var buffer = backend.Buffer;
        if (BackendStreamError.Is(element, buffer))
        {
            using var error = new PooledByteWriter();
            BackendStreamError.Write(error, backend, RebaseTarget.Message);
            return Ending(SessionEndReason.RemoteStreamError) with { RelayedError = error.WrittenSpan.ToArray() };
        }

        if (_isRestartDue)
        {
            // XS-043: after success the backend has nothing to say before the new stream.
            return Ending(SessionEndReason.BackendProtocolError) with { BackendCondition = StreamErrorCondition.BadFormat };
        }

        var deflater = _isAuthenticated ? _client.Deflater : null; // WS-057: nothing of the login
        var frame = WebSocketConnection.BeginText(_downBatch);
        RelayElement(backend, buffer, element);
        WebSocketConnection.EndText(_downBatch, frame, deflater);
        Counters.CountDown(element.Length);
        return element.Namespace is KnownNamespace.Sasl or KnownNamespace.Sasl2 && element.LocalName(buffer).SequenceEqual("failure"u8)
            && CountFailure(_connection.Remote?.Address)
            ? Ending(SessionEndReason.AuthFailures)
            : null;
    }

    private void RelayElement(IXmppStream backend, ReadOnlySpan<byte> buffer, in StreamElement element)
    {
        switch (element.Namespace)
        {
            case KnownNamespace.Streams when element.LocalName(buffer).SequenceEqual("features"u8):
                if (StreamFeaturesPolicy.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message, _served!.Security.Features, ClientLimits)
                    && !_isAuthenticated)
                {
                    _context.Watch.ChannelBindingOffered(_served.BackendName);
                }

                return;
            case KnownNamespace.Sasl when element.LocalName(buffer).SequenceEqual("success"u8):
                _isAuthenticated = true;
                _isRestartDue = true; // WS-041
                break;
            case KnownNamespace.Sasl2 or KnownNamespace.StreamManagement:
                // XS-046: success of SASL2 is followed by no restart.
                _isAuthenticated |= element.Namespace == KnownNamespace.Sasl2 && element.LocalName(buffer).SequenceEqual("success"u8);
                _isResumable |= StreamManagement.GrantsResumption(element, buffer, backend.Scope);
                StreamManagement.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message);
                return;
        }

        NamespaceRebaser.Write(_downBatch, buffer, element, backend.Scope, RebaseTarget.Message);
    }

    private void WriteOpen(IXmppStream backend)
    {
        // WS-034: the attributes are those of the stream that the client will use; `to` only if the client said who it is (WS-033).
        var frame = WebSocketConnection.BeginText(_downBatch);
        OpenClose.WriteOpen(_downBatch, backend.Header with
        {
            From = backend.Header.From ?? _streamDomain,
            To = _from is null ? null : backend.Header.To ?? _from,
            Lang = backend.Header.Lang ?? _lang,
        });
        WebSocketConnection.EndText(_downBatch, frame);
        _hasOpen = true;
    }

    private async ValueTask FlushDownAsync()
    {
        if (_downBatch.WrittenCount > 0)
        {
            _isOpen = _hasOpen;
            try
            {
                await _client.WriteFramesAsync(_downBatch.WrittenMemory, last: false, _abort.Token);
            }
            catch (Exception e) when (IsLoss(e))
            {
                // The client has gone. What the backend still says is read away, so that its own close is seen.
                End(SessionEndReason.ClientLost);
            }

            _downBatch.Clear();
        }
    }
}
