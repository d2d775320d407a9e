using Gateway.Core.Backend;
using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>The backend's side of a session: connect, read, leave.</summary>
public sealed partial class BoshSession
{
    private readonly TaskCompletionSource<BoshEffect.End> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _resumed;
    private ITimer? _closeTimer;
    private bool _isAttached;
    private bool _isLeft;

    void BackendWriter.IOwner.OnCongested() => Post(new BoshEvent.BackendCongested());

    void BackendWriter.IOwner.OnDrained() => Post(new BoshEvent.BackendDrained());

    /// <summary>The reader knows better why: the backend's last words may still be there to be read. But not for ever.</summary>
    void BackendWriter.IOwner.OnWriteFailed() => StopSoon();

    private async Task RunBackendAsync()
    {
        IXmppStream? stream = null;
        var reader = new BackendReader(Counters, _services.Limits, _served.Security.Features);
        try
        {
            stream = await ConnectAsync();
            if (stream is not null)
            {
                Log.Started(_services.Log, Id, _served.Name);
                var opened = new BoshEvent.BackendOpened(stream.Header.Id, stream.Header.Version, reader.ReadFeatures(stream));
                if (reader.OffersChannelBinding)
                {
                    _services.Watch.ChannelBindingOffered(_served.BackendName);
                }

                lock (_lock)
                {
                    _isAttached = true;
                }

                _writer.Attach(stream);
                Post(opened);
                await ReadBackendAsync(stream, reader);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The session's end stopped it, or a connection that takes no bytes.
            Post(new BoshEvent.BackendEnded(SessionEndReason.BackendLost, null));
        }
        catch (Exception e)
        {
            Log.Failed(_services.Log, e, Id);
            Post(new BoshEvent.BackendEnded(SessionEndReason.InternalServerError, null));
        }

        await ReleaseAsync(stream, reader);
    }

    private async Task<IXmppStream?> ConnectAsync()
    {
        try
        {
            return await _services.Connector.ConnectAsync(_request, _stop.Token);
        }
        catch (BackendConnectException e)
        {
            Post(new BoshEvent.BackendEnded(e.Reason, e.StreamError));
            return null;
        }
    }

    private async Task ReadBackendAsync(IXmppStream stream, BackendReader reader)
    {
        while (true)
        {
            // What came with the features is read first.
            var end = reader.ReadAll(stream, out var payloads);
            if (payloads.Length > 0)
            {
                Post(new BoshEvent.BackendRead(payloads));
            }

            if (end is not null)
            {
                Post(end);
                return;
            }

            if (_ended.Task is { IsCompletedSuccessfully: true, Result.Close: not BackendClose.Clean })
            {
                return;
            }

            if (_resumed is { } resumed)
            {
                await resumed.Task.WaitAsync(_stop.Token);
            }

            if (!await stream.FillAsync(_stop.Token))
            {
                Post(new BoshEvent.BackendEnded(SessionEndReason.BackendLost, null));
                return;
            }
        }
    }

    private void Pause() => _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Resume()
    {
        _resumed?.TrySetResult();
        _resumed = null;
    }

    /// <summary>The rules have ended the session: the reader finds its way out, and releases all.</summary>
    private void LeaveBackend(BoshEffect.End end)
    {
        bool isAttached;
        lock (_lock)
        {
            isAttached = _isAttached;
        }

        Resume();
        if (!end.Bounces.IsEmpty)
        {
            _writer.Enqueue(end.Bounces.Span);
        }

        if (end.Close == BackendClose.Clean && isAttached)
        {
            // XS-051: nothing more is said, and what still comes is read until the backend closes, too.
            _writer.Enqueue(Xmpp.Streams.XmppStreamWriter.Close);
            StopSoon();
        }
        else
        {
            Stop();
        }

        _ended.TrySetResult(end);
    }

    private void StopSoon()
    {
        lock (_lock)
        {
            if (!_isLeft)
            {
                _closeTimer ??= _services.Time.CreateTimer(
                    static state => ((BoshSession)state!).Stop(), this, _services.Options.CloseTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Runs whatever hangs on the token; the session goes on to release what it holds.</summary>
    private void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException e)
        {
            Log.Failed(_services.Log, e, Id);
        }
    }

    private async Task ReleaseAsync(IXmppStream? stream, BackendReader reader)
    {
        // Whoever performs effects now may not have come to this one yet.
        var end = await _ended.Task;
        try
        {
            if (stream is not null)
            {
                await LeaveAsync(stream, end, reader);
                await stream.FillAsync(CancellationToken.None); // gives the buffer back
            }
        }
        catch (Exception e)
        {
            Log.Failed(_services.Log, e, Id);
        }
        finally
        {
            _writer.Discard();
            lock (_lock)
            {
                _isLeft = true;
                _closeTimer?.Dispose();
                _closeTimer = null;
            }

            var duration = _services.Time.GetElapsedTime(_started);
            _services.Metrics.SessionEnded(this, end.Reason, duration);
            Log.Ended(_services.Log, end.Reason.ToLogLevel(), Id, Domain!, end.Reason.ToWord(), duration.TotalSeconds, Counters.StanzasUp, Counters.StanzasDown, Counters.BytesUp, Counters.BytesDown);
            _released.TrySetResult();
        }
    }

    private async Task LeaveAsync(IXmppStream stream, BoshEffect.End end, BackendReader reader)
    {
        try
        {
            // What was queued before the end goes out if it can.
            await _writer.WhenIdleAsync().WaitAsync(XmppStreamClosing.LastWordsTimeout, _services.Time);
        }
        catch (TimeoutException)
        {
            // A backend that does not read gets no last words; closing ends the write.
            await stream.DisposeAsync();
            return;
        }

        switch (end.Close)
        {
            case BackendClose.Answer:
                await stream.AnswerCloseAsync(_services.Time);
                break;
            case BackendClose.Error:
                await stream.FailAsync(reader.Refusal, _services.Time);
                break;
            default:
                await stream.DisposeAsync();
                break;
        }
    }
}
