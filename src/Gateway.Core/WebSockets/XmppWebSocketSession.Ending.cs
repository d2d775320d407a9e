using System.Net.WebSockets;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Core.WebSockets;

/// <summary>The end of a session, in one place: what both sides get (websocket.md section 6), and no step longer than its time.</summary>
public sealed partial class XmppWebSocketSession
{
    private Task _backendEnd = Task.CompletedTask;

    // The backend has been told of the end: nothing may follow (XS-051). Read and written by who holds its gate.
    private bool _hasLeftBackend;

    private static readonly ReadOnlyMemory<byte> StreamClose = XmppStreamWriter.Close.ToArray();

    /// <summary>Says to both sides what they get, and ends with the client.</summary>
    private async Task<bool> FinishClientAsync(WebSocketEnding ending, Task up)
    {
        _isEnding = true;
        if (ending.Reason == SessionEndReason.ClientClosed)
        {
            // WS-046: the backend's last words are still delivered, but the client waits for its answer no longer than this.
            await SayToBackendAsync(StreamClose);
            await WithinAsync(_down, CloseGrace);
        }

        _backendEnd = ending.Reason == SessionEndReason.ClientClosed ? Task.CompletedTask : EndBackendAsync(ending);
        var isClosed = await WithinAsync(SayLastWordsAsync(ending), CloseTimeout) && await CloseSocketAsync(ending, up);
        _abort.Cancel(); // what it ends runs on here: a hop for the last step of each session costs more
        await up;
        _client.Dispose();
        return isClosed;
    }

    /// <summary>Ends with the backend, then nothing of the session is left.</summary>
    private async Task ReleaseAsync(WebSocketEnding ending)
    {
        try
        {
            await _backendEnd;
            if (ending.ClosesBackendCleanly)
            {
                await WithinAsync(_down, CloseTimeout); // XS-051: its answer is read before TCP is closed
            }

            if (_backend is not null)
            {
                await _backend.DisposeAsync();
                await _down;
                await _backend.FillAsync(CancellationToken.None); // gives the buffer back
            }
        }
        catch (Exception e)
        {
            Log.Failed(_context.Log, Id, e);
        }
        finally
        {
            _watch?.Dispose();
            _abort.Dispose();
            var duration = _context.Time.GetElapsedTime(_started);
            _context.Metrics.SessionEnded(this, ending.Reason, duration);
            Log.Ended(_context.Log, ending.Reason.ToLogLevel(), Id, Domain ?? "-", ending.Reason.ToWord(), duration.TotalSeconds, Counters.StanzasUp, Counters.StanzasDown, Counters.BytesUp, Counters.BytesDown);
            _released.TrySetResult();
        }
    }

    /// <summary>Stream error and close, in one write; then the client gets nothing more but control frames.</summary>
    private async Task SayLastWordsAsync(WebSocketEnding ending)
    {
        using var words = new PooledByteWriter();
        if (ending.Condition is not null && !_isOpen)
        {
            // WS-035: a stream that cannot be opened is opened first, so that it can carry the error.
            var frame = WebSocketConnection.BeginText(words);
            OpenClose.WriteOpen(words, new StreamHeader { From = _streamDomain.Length > 0 ? _streamDomain : _context.Domains.First, Id = Guid.NewGuid().ToString("N"), Lang = "en" });
            WebSocketConnection.EndText(words, frame);
        }

        if (ending.Condition is { } condition)
        {
            var frame = WebSocketConnection.BeginText(words);
            if (ending.RelayedError is { } relayed)
            {
                words.Write(relayed);
            }
            else
            {
                XmppStreamWriter.WriteError(words, condition, ending.Reason.ToWord(), ending.Reason == SessionEndReason.StanzaTooBig, declarePrefix: true);
            }

            WebSocketConnection.EndText(words, frame);
        }

        if (ending.SaysClose)
        {
            var frame = WebSocketConnection.BeginText(words);
            words.Write(OpenClose.Close);
            WebSocketConnection.EndText(words, frame);
        }

        try
        {
            await _client.WriteFramesAsync(words.WrittenMemory, last: true, _abort.Token);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // Nobody there to hear it.
        }
    }

    /// <summary>The closing handshake of RFC 6455 §7.1, after the peer's own close or its time (WS-044).</summary>
    private async Task<bool> CloseSocketAsync(WebSocketEnding ending, Task up)
    {
        if (ending is { Code: not null, SaysClose: true })
        {
            await WithinAsync(_peerClosed.Task, ending.Reason == SessionEndReason.ClientClosed ? CloseTimeout : CloseGrace);
        }

        if (_client.CloseSent is null && (ending.Code ?? _client.CloseReceived) is { } answer)
        {
            try
            {
                // WS-051: 1005 stands for a Close frame without a code; it is never sent.
                var code = answer == WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : answer;
                return await WithinAsync(_client.CloseAsync(code, _abort.Token).AsTask(), CloseTimeout) && await WithinAsync(up, CloseTimeout);
            }
            catch (Exception e) when (IsLoss(e))
            {
                return false; // The client did not wait for it.
            }
        }

        return _client.CloseSent is not null;
    }

    private async Task EndBackendAsync(WebSocketEnding ending)
    {
        if (_backend is null)
        {
            return;
        }

        if (ending.BackendCondition is { } condition)
        {
            using var words = new PooledByteWriter();
            XmppStreamWriter.WriteError(words, condition, null, stanzaTooBig: false, declarePrefix: false);
            words.Write(XmppStreamWriter.Close);
            await SayToBackendAsync(words.WrittenMemory);
            await _backend.DisposeAsync();
        }
        else if (ending.ClosesBackendCleanly)
        {
            await SayToBackendAsync(StreamClose);
        }
        else
        {
            await _backend.DisposeAsync();
        }
    }

    /// <summary>Last words to the backend; one that does not read them in time has had its chance.</summary>
    private async Task SayToBackendAsync(ReadOnlyMemory<byte> words)
    {
        if (_backend is null)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(XmppStreamClosing.LastWordsTimeout, _context.Time);
        try
        {
            await _backendGate.WaitAsync(timeout.Token);
            try
            {
                _hasLeftBackend = true;
                await _backend.WriteAsync(words, timeout.Token);
            }
            finally
            {
                _backendGate.Release();
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            // Nobody there to hear it.
        }
    }

    private async Task<bool> WithinAsync(Task task, TimeSpan time)
    {
        try
        {
            await task.WaitAsync(time, _context.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void NoteCloseWhileEnding()
    {
        _framer.Reset();
        _framer.Limits = ClientLimits;
        var element = _framer.Read(Message);
        if (element.Kind == StreamElementKind.FirstLevelElement && OpenClose.Is("close"u8, element, Message))
        {
            _peerClosed.TrySetResult();
        }
    }
}
