using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend.Pools;

/// <summary>What is tried with a server, and what it says of the server.</summary>
internal sealed partial class BackendServer
{
    /// <summary>Tries to open a stream for a client, if the breaker allows it, and when its turn has come.</summary>
    /// <exception cref="BackendConnectException">It failed; or, with <see cref="SessionEndReason.BackendUnavailable"/>, nothing was tried.</exception>
    public async ValueTask<TcpXmppStream> LogInAsync<TState>(Func<TState, CancellationToken, ValueTask<TcpXmppStream>> open, TState state, CancellationToken cancellationToken)
    {
        await _logins.WaitAsync(cancellationToken);
        try
        {
            return await TryAsync(open, state, isCheck: false, cancellationToken);
        }
        finally
        {
            _logins.Release();
        }
    }

    /// <summary>Tries to open a stream to see how the server is, if the breaker allows it.</summary>
    /// <returns>The stream; null if nothing was tried, or nothing came of it.</returns>
    public async ValueTask<TcpXmppStream?> CheckAsync<TState>(Func<TState, CancellationToken, ValueTask<TcpXmppStream>> open, TState state, string name, CancellationToken cancellationToken)
    {
        TcpXmppStream? stream = null;
        SessionEndReason? complaint = null;
        try
        {
            stream = await TryAsync(open, state, isCheck: true, cancellationToken);
        }
        catch (BackendConnectException e) when (e.Reason == SessionEndReason.BackendUnavailable)
        {
            return null;
        }
        catch (BackendConnectException e) when (e.IsServersFault)
        {
            Interlocked.Increment(ref _failedChecks);
            NoteState();
            return null;
        }
        catch (BackendConnectException e)
        {
            complaint = e.Reason; // it is there, and something is wrong with this name
        }

        _failedChecks = 0;
        NoteState();
        if (complaint != _complaint && complaint is { } reason)
        {
            Log.Complains(_log, Address, _backend, name, reason.ToWord(), _lastFailure?.Detail ?? "");
        }

        _complaint = complaint;
        return stream;
    }

    private ValueTask<TcpXmppStream> TryAsync<TState>(
        Func<TState, CancellationToken, ValueTask<TcpXmppStream>> open, TState state, bool isCheck, CancellationToken cancellationToken) =>
        _breaker.ExecuteAsync(
            static (all, decides, token) => all.This.AttemptAsync(all.open, all.state, all.isCheck, decides, token), (This: this, open, state, isCheck), cancellationToken);

    private async ValueTask<TcpXmppStream> AttemptAsync<TState>(
        Func<TState, CancellationToken, ValueTask<TcpXmppStream>> open, TState state, bool isCheck, bool decides, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();

        // What decides on the server's return is no client's to give up: who keeps leaving would keep it down.
        using var own = decides ? new CancellationTokenSource(_options.SetupTimeout, _time) : null;
        using var left = own is not null ? EndSoonAfter(own, cancellationToken) : default;
        try
        {
            var stream = await open(state, own?.Token ?? cancellationToken);
            LastConnectTime = _time.GetElapsedTime(started);
            LastSuccess = _time.GetUtcNow();
            return stream;
        }
        catch (BackendConnectException e)
        {
            // Known before the breaker judges: its change of state is told with the cause.
            e.IsServersFault = IsFault(e, isCheck);
            Note(e.Reason, e.Message, e.IsServersFault);
            throw;
        }
        catch (OperationCanceledException e) when (decides || _time.GetElapsedTime(started) >= _options.StepTimeout)
        {
            // Who gives up sooner says nothing about the server, for clients do that as they like.
            Note(SessionEndReason.BackendTimeout, $"given up after {_time.GetElapsedTime(started).TotalSeconds:0.###} s", isFault: true);
            throw new AbandonedException(e, cancellationToken);
        }
    }

    /// <summary>Apart from its caller, so that only what decides pays for the closure.</summary>
    private CancellationTokenRegistration EndSoonAfter(CancellationTokenSource own, CancellationToken client) =>
        client.UnsafeRegister(_ => own.CancelAfter(_options.HealthCheck.Timeout), null);

    /// <summary>
    /// Whether a failure is the server's own. What one name brings about, that clients may choose, must not take the server from the others:
    /// a certificate that lacks it, a host that it does not know. Nor, where it is told the client's address, what it has against that address; there
    /// and where clients make names up, checks tell how it is.
    /// </summary>
    private bool IsFault(BackendConnectException failure, bool isCheck)
    {
        var mayBeTheClients = !isCheck && _options.HealthCheck.Enabled && (_options.ProxyProtocol != ProxyProtocolVersion.None || Serves == ServedNames.Any);
        var hasOneName = Serves == ServedNames.One;
        return failure.Reason switch
        {
            SessionEndReason.StarttlsMissing or SessionEndReason.TlsHandshake or SessionEndReason.CertificateExpired
                or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot => hasOneName,
            SessionEndReason.RemoteStreamError => failure.Condition switch
            {
                StreamErrorCondition.SystemShutdown or StreamErrorCondition.InternalServerError => true,
                StreamErrorCondition.ResourceConstraint => !mayBeTheClients,
                StreamErrorCondition.HostGone or StreamErrorCondition.HostUnknown => hasOneName,
                _ => false,
            },
            SessionEndReason.BackendLost or SessionEndReason.BackendProtocolError => !mayBeTheClients,
            SessionEndReason.DnsFailed => !IsPublic, // nobody was dialled, and there clients choose names
            _ => true,
        };
    }

    private void Note(SessionEndReason reason, string detail, bool isFault)
    {
        var failure = new ServerFailure(reason, detail, _time.GetUtcNow());
        _lastFailure = failure;
        _lastFault = isFault ? failure : _lastFault;
    }
}
