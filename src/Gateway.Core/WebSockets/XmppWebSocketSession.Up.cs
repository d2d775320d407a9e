using System.Buffers;
using System.Net.WebSockets;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Core.WebSockets;

/// <summary>From the client to the backend.</summary>
public sealed partial class XmppWebSocketSession
{
    private const int FirstBuffer = 4096;
    private const int MostUpBatch = 64 * 1024;

    private readonly XmppFramer _framer = new(FramerMode.Document, default);
    private readonly PooledByteWriter _upBatch = new();
    private byte[] _message = [];
    private int _messageLength;

    /// <summary>Reads messages until the client's side is over. It goes on while the session ends: the peer's close is read here.</summary>
    private async Task RunUpAsync(CancellationToken aborted)
    {
        try
        {
            while (await ReceiveMessageAsync())
            {
                if (!_isEnding)
                {
                    await TakeMessageAsync(aborted);
                }
                else
                {
                    NoteCloseWhileEnding();
                }

                ReturnMessage();
            }

            End(SessionEndReason.ClientLost);
        }
        catch (WebSocketException)
        {
            // Either the connection broke, or the library has refused a frame and said so in a Close frame; of what it cannot
            // inflate it says nothing (RFC 7692 §7.2.2 wants the WebSocket failed).
            if (_transport is { Deflater: not null, CloseCodeSent: 0, IsBroken: false })
            {
                await _transport.RefusePayloadAsync(_abort.Token);
            }

            End(_transport.CloseCodeSent switch
            {
                0 => Ending(SessionEndReason.ClientLost),
                (int)WebSocketCloseStatus.InvalidPayloadData => Ending(SessionEndReason.UnsupportedEncoding) with { Condition = null, SaysClose = false, Code = null },
                _ => Ending(SessionEndReason.WebSocketError),
            });
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            End(SessionEndReason.ClientLost);
        }
        catch (Exception e)
        {
            Log.Failed(_context.Log, Id, e);
            End(SessionEndReason.InternalServerError);
        }
        finally
        {
            _peerClosed.TrySetResult();
            ReturnMessage();
            _upBatch.Clear();
        }
    }

    /// <summary>Waits for a whole message without holding a buffer, then reads it, never more than the limit. False: a Close frame came.</summary>
    private async ValueTask<bool> ReceiveMessageAsync()
    {
        var pending = _socket.ReceiveAsync(Memory<byte>.Empty, _abort.Token);
        if (!pending.IsCompleted || _upBatch.WrittenCount >= MostUpBatch)
        {
            await FlushUpAsync();
        }

        var result = await pending;
        _messageLength = 0;
        while (true)
        {
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await FlushUpAsync();
                return false;
            }

            if (result.MessageType == WebSocketMessageType.Binary)
            {
                End(SessionEndReason.UnsupportedData); // WS-017
            }

            _messageLength += result.Count;
            var limit = ClientLimits.MaxBytes;
            if (_messageLength > limit)
            {
                // WS-022. What is beyond the limit is read away while the session ends, and never kept.
                End(SessionEndReason.StanzaTooBig);
                if (_transport.Deflater is not null)
                {
                    // WS-057: who sends a bomb gets no more of it inflated.
                    await _transport.ReadAwayAsync(_abort.Token);
                    return false;
                }
            }

            if (result.EndOfMessage)
            {
                return true;
            }

            if (_ending.Task.IsCompleted)
            {
                _messageLength = 0;
            }

            if (_messageLength >= Math.Min(_message.Length, limit + 1))
            {
                GrowMessage(limit + 1);
            }

            result = await _socket.ReceiveAsync(_message.AsMemory(_messageLength, Math.Min(_message.Length, limit + 1) - _messageLength), _abort.Token);
        }
    }

    private void GrowMessage(int most)
    {
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(FirstBuffer, _message.Length * 2), Math.Max(most, FirstBuffer)));
        _message.AsSpan(0, _messageLength).CopyTo(bigger);
        var old = _message;
        _message = bigger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private void ReturnMessage()
    {
        if (_message.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_message);
            _message = [];
        }
    }

    private ReadOnlySpan<byte> Message => _message.AsSpan(0, _messageLength);

    private async ValueTask TakeMessageAsync(CancellationToken aborted)
    {
        if (_ending.Task.IsCompleted || !TryFrame(out var element))
        {
            return;
        }

        if (element.Namespace == KnownNamespace.Framing)
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
            End(SessionEndReason.NotAuthorized); // WS-042
        }
        else
        {
            await TakeElementAsync(element);
        }
    }

    /// <summary>One message is one element (WS-023); everything else is refused, each in its own way.</summary>
    private bool TryFrame(out StreamElement element)
    {
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
        var ending = Ending(reason);
        End(begins ? ending : ending with { Code = WebSocketCloseStatus.InvalidPayloadData });
        return false;
    }

    private async ValueTask TakeFramingAsync(StreamElement element, CancellationToken aborted)
    {
        if (OpenClose.Is("close"u8, element, Message))
        {
            await FlushUpAsync();
            End(Domain is null ? SessionEndReason.BadFormat : SessionEndReason.ClientClosed);
            return;
        }

        if (!OpenClose.Is("open"u8, element, Message) || (Domain is not null && !_isRestartDue))
        {
            End(SessionEndReason.BadFormat); // WS-029, WS-038
            return;
        }

        var header = StreamHeader.Parse(element, Message);
        ReturnMessage();
        if (!IsSupported(header.Version))
        {
            End(SessionEndReason.UnsupportedVersion); // WS-037
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
        if (Refusal(element) is { } refusal)
        {
            End(refusal);
            return ValueTask.CompletedTask;
        }

        if (element.Namespace == KnownNamespace.Compress && element.LocalName(Message).SequenceEqual("compress"u8))
        {
            return AnswerAsync(CompressFailure); // waited for: a client that does not read is not read either
        }

        var start = _upBatch.WrittenCount;
        NamespaceRebaser.Write(_upBatch, Message, element, NamespaceScope.Empty, RebaseTarget.Stream);
        var verdict = _policy!.Judge(_upBatch.WrittenSpan[start..], _isAuthenticated);
        if (verdict.Action != ClientElementAction.Forward)
        {
            _upBatch.Truncate(start);
            if (verdict.Action != ClientElementAction.Replace)
            {
                return RefuseAsync(verdict);
            }

            _upBatch.Write(verdict.Bytes);
        }

        Counters.CountUp(element.Length);
        return ValueTask.CompletedTask;
    }

    /// <summary>An element goes nowhere; the client hears why.</summary>
    private async ValueTask RefuseAsync(ClientElementVerdict verdict)
    {
        if (verdict.Action == ClientElementAction.End)
        {
            End(verdict.Reason);
            return;
        }

        await AnswerAsync(verdict.Bytes);
        if (verdict.Action == ClientElementAction.Fail && CountFailure(client: null))
        {
            End(SessionEndReason.AuthFailures);
        }
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

    /// <summary>Writes what was collected; called when nothing more is waiting to be read, or enough has come together.</summary>
    private ValueTask FlushUpAsync() =>
        _upBatch.WrittenCount == 0 || _backend is null ? ValueTask.CompletedTask : WriteUpAsync(_backend);

    private async ValueTask WriteUpAsync(IXmppStream backend)
    {
        // Nothing is read from the client meanwhile, so its silence proves nothing; the watch judges the backend instead.
        Volatile.Write(ref _waitingSince, _context.Time.GetTimestamp());
        _isWaitingForBackend = true;
        try
        {
            await _backendGate.WaitAsync(_abort.Token);
            try
            {
                await backend.WriteAsync(_upBatch.WrittenMemory, _abort.Token);
            }
            finally
            {
                _backendGate.Release();
            }
        }
        catch (IOException)
        {
            // The loop from the backend reads what it said last, and names the end.
        }

        _isWaitingForBackend = false;
        _upBatch.Clear();
    }
}
