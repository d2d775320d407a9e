using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>
/// BOSH (XEP-0124, XEP-0206) as a good client does it: hold 1, one request pending at any time, at most two; what is to be sent goes at once
/// when a connection is free, else all together with the next request. Responses are taken in the order of their rids.
/// </summary>
internal sealed partial class BoshSession : LoadSession, IHttpUser
{
    private const int MostRecoverable = 10;

    private readonly Lock _gate = new();
    private readonly PooledByteWriter _queue = new();
    private readonly PooledByteWriter _body = new();
    private readonly HttpConnection?[] _connections = new HttpConnection?[2];
    private SortedList<long, byte[]>? _early;
    private byte[] _sid = [];
    private long _nextRid = Random.Shared.NextInt64(1_000_000, 1_000_000_000);
    private long _nextResponse;
    private int _corks;
    private int _requests = 1;
    private BoshOpening _opening = BoshOpening.None;
    private int _recoverable;
    private bool _isPaused;

    /// <inheritdoc cref="LoadSession"/>
    public BoshSession(SessionSettings settings, ISessionListener listener)
        : base(settings, listener) => _nextResponse = _nextRid;

    /// <inheritdoc/>
    public override int QueuedBytes
    {
        get
        {
            lock (_gate)
            {
                return _queue.WrittenCount + (_connections[0]?.QueuedBytes ?? 0) + (_connections[1]?.QueuedBytes ?? 0);
            }
        }
    }

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> stanza)
    {
        lock (_gate)
        {
            _queue.Write(stanza);
            Ask();
        }
    }

    /// <inheritdoc/>
    public override void Cork()
    {
        lock (_gate)
        {
            _corks++;
        }
    }

    /// <inheritdoc/>
    public override void Uncork()
    {
        lock (_gate)
        {
            _corks--;
            Ask();
        }
    }

    /// <inheritdoc/>
    public override void Pause()
    {
        lock (_gate)
        {
            _isPaused = true;
            _connections[0]?.Pause();
            _connections[1]?.Pause();
        }
    }

    /// <inheritdoc/>
    public override void Resume()
    {
        lock (_gate)
        {
            _isPaused = false;
            _connections[0]?.Resume();
            _connections[1]?.Resume();
        }
    }

    /// <inheritdoc/>
    public void OnResponse(HttpConnection connection, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (IsOfType(body, "error"u8))
            {
                // XEP-0124 §17.3: repeated as it was, and answered then. So it goes when a request overtakes its own repeat, and never else.
                if (!Settings.RemembersRequests || ++_recoverable > MostRecoverable)
                {
                    Fail($"recoverable error: {System.Text.Encoding.UTF8.GetString(body)}");
                    return;
                }

                Settings.OnRequest?.Invoke();
                connection.Repeat();
                return;
            }

            _recoverable = 0;
            var rid = connection.Rid;
            connection.Free();
            _corks++;
            try
            {
                RememberResponse(rid, body);
                if (rid != _nextResponse)
                {
                    if (IsOver && IsOfType(body, "terminate"u8))
                    {
                        GoodbyeAnswered(); // COMPAT: ejabberd 23.01 may answer the goodbye and leave the request before it without an answer
                    }

                    (_early ??= []).Add(rid, body.ToArray());
                    return;
                }

                Take(body);
                while (_early is { Count: > 0 } && _early.GetKeyAtIndex(0) == _nextResponse)
                {
                    var next = _early.GetValueAtIndex(0);
                    _early.RemoveAt(0);
                    Take(next);
                }
            }
            finally
            {
                _corks--;
                Ask();
            }
        }
    }

    /// <inheritdoc/>
    public void OnFailed(HttpConnection connection, string reason) => Fail(reason);

    /// <inheritdoc/>
    protected override Task ConnectAsync(CancellationToken cancellationToken)
    {
        BeginNegotiation();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void OpenStream(bool isRestart)
    {
        lock (_gate)
        {
            Announce(isRestart ? BoshOpening.Restart : BoshOpening.Creation);
        }
    }

    /// <inheritdoc/>
    protected override void SendGoodbye()
    {
        lock (_gate)
        {
            Announce(BoshOpening.Termination);
        }
    }

    /// <inheritdoc/>
    protected override void Cut()
    {
        lock (_gate)
        {
            _connections[0]?.Vanish();
            _connections[1]?.Vanish();
            Release();
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        lock (_gate)
        {
            _connections[0]?.Dispose();
            _connections[1]?.Dispose();
            _opening = BoshOpening.Over;
            _queue.Clear();
        }
    }

    private void Announce(BoshOpening opening)
    {
        if (!IsOver)
        {
            _opening = opening;
            Ask();
        }
    }

    /// <summary>Sends a request if there is something to say or none is pending.</summary>
    private void Ask()
    {
        while (_corks == 0 && !IsOver)
        {
            var free = FreeConnection(out var busy);
            var hasSomething = _queue.WrittenCount > 0 || _opening != BoshOpening.None;
            if (free is null || busy >= _requests || (!hasSomething && busy > 0))
            {
                return;
            }

            Request(free);
        }
    }

    private HttpConnection? FreeConnection(out int busy)
    {
        busy = 0;
        HttpConnection? free = null;
        var unmade = -1;
        for (var i = 0; i < _connections.Length; i++)
        {
            if (_connections[i] is not { } connection)
            {
                unmade = unmade < 0 ? i : unmade;
            }
            else if (connection.IsBusy)
            {
                busy++;
            }
            else
            {
                free ??= connection;
            }
        }

        if (free is null && unmade >= 0 && busy < _requests)
        {
            free = _connections[unmade] = new HttpConnection(this, Settings.Target, Settings.Wire);
            if (_isPaused)
            {
                free.Pause();
            }
        }

        return free;
    }

    private void Request(HttpConnection connection)
    {
        connection.Rid = _nextRid++;
        WriteBody(_body, connection.Rid);
        Settings.OnRequest?.Invoke();
        RememberRequest(connection.Rid, _body.WrittenSpan);
        connection.Send(_body.WrittenSpan);
        _body.Clear();
    }
}
