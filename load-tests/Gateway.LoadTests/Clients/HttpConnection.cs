using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>Requests one after the other, over a keep-alive connection that is made when it is first needed, and anew when it was closed.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly IHttpUser _user;
    private readonly LoadTarget _target;
    private readonly WireSettings _settings;
    private readonly byte[] _head;
    private readonly PooledByteWriter _request = new();
    private readonly Lock _gate = new();
    private HttpWire? _wire;
    private bool _isAnswered;
    private bool _isPaused;
    private bool _isDisposed;

    /// <summary>Makes one that is not connected yet.</summary>
    public HttpConnection(IHttpUser user, LoadTarget target, WireSettings settings)
    {
        _user = user;
        _target = target;
        _settings = settings;
        _head = Encoding.ASCII.GetBytes($"POST {target.Path} HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ");
    }

    /// <summary>A request is under way, or its response was not taken yet.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>The user's: which request it is.</summary>
    public long Rid { get; set; }

    /// <summary>Bytes that wait to be sent.</summary>
    public int QueuedBytes => _wire?.Wire.QueuedBytes ?? 0;

    /// <summary>Sends a request.</summary>
    public void Send(ReadOnlySpan<byte> body)
    {
        HttpWire? wire;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            Span<byte> length = stackalloc byte[10];
            body.Length.TryFormat(length, out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
            _request.Clear();
            _request.Write(_head);
            _request.Write(length[..digits]);
            _request.Write("\r\n\r\n"u8);
            _request.Write(body);
            IsBusy = true;
            wire = Put();
        }

        wire?.Wire.Flush();
    }

    /// <summary>The response is taken.</summary>
    public void Free()
    {
        lock (_gate)
        {
            IsBusy = _isAnswered = false;
        }
    }

    /// <summary>The response was none: the request is sent once more.</summary>
    public void Repeat()
    {
        HttpWire? wire;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isAnswered = false;
            wire = Put();
        }

        wire?.Wire.Flush();
    }

    /// <summary>
    /// Cuts the connection under a request and sends that once more over a new one: what a client does whose network went away, be it before the
    /// request was there, before its answer, or after (XEP-0124 §14.3).
    /// </summary>
    /// <returns>False if no request was under way.</returns>
    public bool CutAndRepeat()
    {
        HttpWire old;
        lock (_gate)
        {
            if (!IsBusy || _isAnswered || _wire is null || _isDisposed)
            {
                return false;
            }

            old = _wire;
            Connect();
        }

        old.Wire.Vanish();
        return true;
    }

    /// <summary>Stops reading.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _isPaused = true;
            _wire?.Wire.Pause();
        }
    }

    /// <summary>Reads on.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _isPaused = false;
            _wire?.Wire.Resume();
        }
    }

    /// <summary>Drops the connection with a reset.</summary>
    public void Vanish() => Take()?.Vanish();

    /// <inheritdoc/>
    public void Dispose() => Take()?.Dispose();

    /// <summary>A response is complete.</summary>
    public void OnResponse(HttpWire wire, HttpResponseHead head, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (wire != _wire)
            {
                return; // cut meanwhile; its request is under way again
            }

            if (!IsBusy || _isAnswered)
            {
                throw new InvalidDataException("A response that nobody asked for.");
            }

            _isAnswered = true;
            if (head.Closes)
            {
                _wire = null;
            }
        }

        if (head.Closes)
        {
            wire.Wire.Dispose();
        }

        if (head.Status == 200)
        {
            _user.OnResponse(this, body);
        }
        else
        {
            _user.OnFailed(this, $"HTTP {head.Status} {Encoding.UTF8.GetString(body)}");
        }
    }

    /// <summary>A connection is gone.</summary>
    public void OnLost(HttpWire wire, string reason)
    {
        lock (_gate)
        {
            if (wire != _wire || _isDisposed)
            {
                return;
            }

            _wire = null;
            if (!IsBusy || _isAnswered)
            {
                return;
            }

            if (wire is { WasUsed: true, HasBegun: false })
            {
                // A server may close a connection that was quiet, and a request may just have been on its way then: it is sent again (RFC 9112 §9.3.1).
                Connect();
                return;
            }

            IsBusy = false;
        }

        _user.OnFailed(this, reason);
    }

    private HttpWire? Put()
    {
        if (_wire is null)
        {
            Connect();
            return null;
        }

        _wire.Wire.Append(_request.WrittenSpan);
        return _wire;
    }

    /// <summary>Begins a connection and sends the request over it.</summary>
    private void Connect()
    {
        var wire = _wire = new HttpWire(this, _target, _settings);
        wire.Wire.Append(_request.WrittenSpan);
        if (_isPaused)
        {
            wire.Wire.Pause();
        }

        _ = ConnectAsync(wire);
    }

    private async Task ConnectAsync(HttpWire wire)
    {
        // Not under the locks of whoever sends.
        await Task.Yield();
        try
        {
            await wire.Wire.ConnectAsync(_target, CancellationToken.None);
        }
#pragma warning disable CA1031 // TLS and sockets fail in many ways; each is this request's end, and counted.
        catch (Exception e)
#pragma warning restore CA1031
        {
            wire.Wire.Dispose();
            OnLost(wire, $"connect: {e.Message}");
        }
    }

    private Wire? Take()
    {
        lock (_gate)
        {
            _isDisposed = true;
            IsBusy = false;
            var wire = _wire;
            _wire = null;
            _request.Clear();
            return wire?.Wire;
        }
    }
}
