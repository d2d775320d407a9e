using System.Net.WebSockets;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Core.WebSockets;

/// <summary>From the client to the backend.</summary>
public sealed partial class XmppWebSocketSession
{
    private const int MostUpBatch = 64 * 1024;

    private readonly XmppFramer _framer = new(FramerMode.Document, default);
    private readonly PooledByteWriter _upBatch = new();

    private ReadOnlySpan<byte> Message => _client.Message;

    /// <summary>Reads messages until the client's side is over. It goes on while the session ends: the peer's close is read here.</summary>
    private async Task RunUpAsync(CancellationToken aborted)
    {
        try
        {
            do
            {
                while (_client.TryRead(ClientLimits.MaxBytes) is var found and not WebSocketEvent.None)
                {
                    if (!await TakeAsync(found, aborted))
                    {
                        return;
                    }

                    if (_upBatch.WrittenCount >= MostUpBatch)
                    {
                        await FlushUpAsync();
                    }
                }

                await FlushUpAsync();
            }
            while (await _client.FillAsync(_abort.Token));

            End(SessionEndReason.ClientLost);
        }
        catch (Exception e) when (IsLoss(e))
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
            _client.ReturnBuffer();
            _upBatch.Clear();
        }
    }

    /// <summary>False: nothing that still comes of the client counts.</summary>
    private async ValueTask<bool> TakeAsync(WebSocketEvent found, CancellationToken aborted)
    {
        switch (found)
        {
            case WebSocketEvent.Text when _isEnding:
                NoteCloseWhileEnding();
                return true;
            case WebSocketEvent.Text:
                await TakeMessageAsync(aborted);
                return true;
            case WebSocketEvent.Binary:
                await EndUpAsync(Ending(SessionEndReason.UnsupportedData)); // WS-017
                return true;
            case WebSocketEvent.TooBig:
                await EndUpAsync(Ending(SessionEndReason.StanzaTooBig)); // WS-022
                return true;
            case WebSocketEvent.Ping:
                await FlushUpAsync(); // the pong may have to wait, or may not get out: what came before it goes first
                await PongAsync();
                return true;
            case WebSocketEvent.Close:
                await EndUpAsync(Ending(SessionEndReason.ClientLost));
                return false;
            default:
                await FlushUpAsync();
                try
                {
                    await _client.CloseAsync(_client.Refusal, _abort.Token);
                }
                finally
                {
                    End(_client.Refusal == WebSocketCloseStatus.InvalidPayloadData
                        ? Ending(SessionEndReason.UnsupportedEncoding) with { Condition = null, SaysClose = false, Code = null }
                        : Ending(SessionEndReason.WebSocketError));
                }

                return false;
        }
    }

    private async ValueTask PongAsync()
    {
        try
        {
            await _client.PongAsync(_abort.Token);
        }
        catch (Exception e) when (IsLoss(e) && !_abort.IsCancellationRequested)
        {
            // The next read names the loss; what came before it is still taken (WS-046).
        }
    }

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
