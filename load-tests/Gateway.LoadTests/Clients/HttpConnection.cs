using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>A keep-alive connection with one request under way at most. Connects when it is first needed, and again when it has been closed.</summary>
internal sealed class HttpConnection : IWireUser, IDisposable
{
    private readonly IHttpUser _user;
    private readonly LoadTarget _target;
    private readonly WireSettings _settings;
    private readonly byte[] _head;
    private readonly PooledByteWriter _request = new();
    private readonly Lock _gate = new();
    private Wire? _wire;
    private HttpResponseHead _response;
    private bool _wasUsed;
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

    /// <summary>A request is under way.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>The user's: which request it is. Set while none is under way.</summary>
    public long Rid { get; set; }

    /// <summary>Bytes that wait to be sent.</summary>
    public int QueuedBytes => _wire?.QueuedBytes ?? 0;

    /// <summary>Sends a request.</summary>
    public void Send(ReadOnlySpan<byte> body)
    {
        Wire? wire;
        lock (_gate)
        {
            Span<byte> length = stackalloc byte[10];
            body.Length.TryFormat(length, out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
            _request.Clear();
            _request.Write(_head);
            _request.Write(length[..digits]);
            _request.Write("\r\n\r\n"u8);
            _request.Write(body);
            IsBusy = true;
            wire = _wire;
            wire?.Append(_request.WrittenSpan);
        }

        if (wire is null)
        {
            _ = ConnectAsync();
        }
        else
        {
            wire.Flush();
        }
    }

    /// <summary>Cuts the connection under a request and sends that once more over a new one: what a client does whose network went away (XEP-0124 §14.3).</summary>
    public void CutAndRepeat()
    {
        Wire? wire;
        lock (_gate)
        {
            wire = _wire;
            if (!IsBusy || wire is null || _isDisposed)
            {
                return;
            }

            _wire = null;
            _response = default;
        }

        wire.Vanish();
        _ = ConnectAsync();
    }

    /// <summary>Stops reading.</summary>
    public void Pause()
    {
        _isPaused = true;
        _wire?.Pause();
    }

    /// <summary>Reads on.</summary>
    public void Resume()
    {
        _isPaused = false;
        _wire?.Resume();
    }

    /// <summary>Drops the connection with a reset.</summary>
    public void Vanish() => Take()?.Vanish();

    /// <inheritdoc/>
    public void Dispose() => Take()?.Dispose();

    /// <inheritdoc/>
    public int Received(ReadOnlySpan<byte> bytes)
    {
        if (_response.Bytes == 0 && !HttpResponseHead.TryRead(bytes, out _response))
        {
            return 0;
        }

        var response = _response;
        var length = response.Bytes + response.ContentLength;
        if (bytes.Length < length)
        {
            return 0;
        }

        var rid = Rid;
        Finish(response);
        if (response.Status == 200)
        {
            _user.OnResponse(this, rid, bytes[response.Bytes..length]);
        }
        else
        {
            _user.OnFailed(this, $"HTTP {response.Status} {Encoding.UTF8.GetString(bytes[response.Bytes..length])}");
        }

        return length;
    }

    /// <inheritdoc/>
    public void Lost(string reason)
    {
        bool isBusy, isStale;
        lock (_gate)
        {
            // A server may close a connection that was quiet, and a request may just have been on its way then: it is sent again (RFC 9112 §9.3.1).
            isBusy = IsBusy && !_isDisposed;
            isStale = _wasUsed && _response.Bytes == 0;
            _wire = null;
            _wasUsed = false;
            _response = default;
        }

        if (isBusy && isStale)
        {
            _ = ConnectAsync();
        }
        else if (isBusy)
        {
            IsBusy = false;
            _user.OnFailed(this, reason);
        }
    }

    private void Finish(HttpResponseHead response)
    {
        Wire? closed = null;
        lock (_gate)
        {
            if (!IsBusy)
            {
                throw new InvalidDataException("A response that nobody asked for.");
            }

            _response = default;
            _wasUsed = true;
            IsBusy = false;
            _request.Clear();
            if (response.Closes)
            {
                closed = _wire;
                _wire = null;
            }
        }

        closed?.Dispose();
    }

    private async Task ConnectAsync()
    {
        var wire = new Wire(this, _settings, _target.EndPoint.AddressFamily);
        try
        {
            lock (_gate)
            {
                if (_isDisposed)
                {
                    wire.Dispose();
                    return;
                }

                _wire = wire;
                _wasUsed = false;
                _response = default;
                wire.Append(_request.WrittenSpan);
                if (_isPaused)
                {
                    wire.Pause();
                }
            }

            await wire.ConnectAsync(_target, CancellationToken.None);
        }
#pragma warning disable CA1031 // TLS and sockets fail in many ways; each is this request's end, and counted.
        catch (Exception e)
#pragma warning restore CA1031
        {
            wire.Dispose();
            if (!_isDisposed)
            {
                IsBusy = false;
                _wire = null;
                _user.OnFailed(this, $"connect: {e.Message}");
            }
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
            return wire;
        }
    }
}
