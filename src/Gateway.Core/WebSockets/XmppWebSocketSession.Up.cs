using System.Buffers;
using System.Net.WebSockets;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

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
        _messageLength = 0;
        var pending = _socket.ReceiveAsync(Memory<byte>.Empty, _abort.Token);
        while (true)
        {
            // One that has failed will end the session: what came before it goes first.
            if (!pending.IsCompletedSuccessfully || _upBatch.WrittenCount >= MostUpBatch)
            {
                await FlushUpAsync();
            }

            var result = await pending;
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await FlushUpAsync();
                return false;
            }

            if (result.MessageType == WebSocketMessageType.Binary)
            {
                await EndUpAsync(Ending(SessionEndReason.UnsupportedData)); // WS-017
            }

            _messageLength += result.Count;
            var limit = ClientLimits.MaxBytes;
            if (_messageLength > limit)
            {
                // WS-022. What is beyond the limit is read away while the session ends, and never kept.
                await EndUpAsync(Ending(SessionEndReason.StanzaTooBig));
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

            pending = _socket.ReceiveAsync(_message.AsMemory(_messageLength, Math.Min(_message.Length, limit + 1) - _messageLength), _abort.Token);
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

    /// <summary>Ends the session for what the client sent; what it sent before goes to the backend first, whatever the cause.</summary>
    private async ValueTask EndUpAsync(WebSocketEnding ending)
    {
        await FlushUpAsync();
        End(ending);
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
                if (!_hasLeftBackend)
                {
                    await backend.WriteAsync(_upBatch.WrittenMemory, _abort.Token);
                }
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
