using System.Net.Sockets;
using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>The way out.</summary>
internal sealed partial class Wire
{
    private readonly Lock _gate = new();
    private PooledByteWriter _pending = new();
    private PooledByteWriter _sending = new();
    private int _sent;
    private int _corks;
    private bool _isSending;
    private bool _isConnected;

    /// <summary>Held by whoever writes to <see cref="Pending"/>.</summary>
    public Lock Gate => _gate;

    /// <summary>What goes out with the next <see cref="Flush"/>.</summary>
    public PooledByteWriter Pending => _pending;

    /// <summary>Bytes that the kernel has not taken yet.</summary>
    public int QueuedBytes
    {
        get
        {
            lock (_gate)
            {
                return _pending.WrittenCount + (_isSending ? _sending.WrittenCount - _sent : 0);
            }
        }
    }

    /// <summary>Nothing goes out until the matching <see cref="Uncork"/>: what is written meanwhile is one send.</summary>
    public void Cork()
    {
        lock (_gate)
        {
            _corks++;
        }
    }

    /// <summary>Sends what was collected.</summary>
    public void Uncork()
    {
        lock (_gate)
        {
            _corks--;
        }

        Flush();
    }

    /// <summary>Appends bytes; <see cref="Flush"/> sends them.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _pending.Write(bytes);
        }
    }

    /// <summary>Sends what is pending, or leaves it to the send that is under way. Never waits.</summary>
    public void Flush()
    {
        if (TryTakePending())
        {
            Send();
        }
    }

    private bool TryTakePending()
    {
        lock (_gate)
        {
            if (_isSending || !_isConnected || _corks > 0 || _pending.WrittenCount == 0)
            {
                return false;
            }

            SwapPending();
            _isSending = true;
            return true;
        }
    }

    private bool TryGoOn()
    {
        lock (_gate)
        {
            _sending.Clear();
            if (!_isConnected || _pending.WrittenCount == 0)
            {
                _isSending = false;
                return false;
            }

            SwapPending();
            return true;
        }
    }

    private void SwapPending()
    {
        (_pending, _sending) = (_sending, _pending);
        _sent = 0;
    }

    private void Send()
    {
        try
        {
            do
            {
                while (_sent < _sending.WrittenCount)
                {
                    // Nearly always complete at once: the kernel's buffer has room.
                    var part = SendSomeAsync();
                    if (!part.IsCompletedSuccessfully)
                    {
                        _ = SendLaterAsync(part);
                        return;
                    }

                    _sent += part.Result;
                }
            }
            while (TryGoOn());
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(e.Message);
        }
    }

    private async Task SendLaterAsync(ValueTask<int> part)
    {
        try
        {
            _sent += await part;
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(e.Message);
            return;
        }

        Send();
    }

    private ValueTask<int> SendSomeAsync()
    {
        var rest = _sending.WrittenMemory[_sent..];
        if (_tls is null)
        {
            return _socket.SendAsync(rest);
        }

        var write = _tls.WriteAsync(rest);
        return write.IsCompletedSuccessfully ? new ValueTask<int>(rest.Length) : WrittenAsync(write, rest.Length);
    }

    private static async ValueTask<int> WrittenAsync(ValueTask write, int length)
    {
        await write;
        return length;
    }
}
