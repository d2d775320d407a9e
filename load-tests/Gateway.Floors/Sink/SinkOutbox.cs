using System.Buffers;
using System.Net.Sockets;

namespace Gateway.Floors.Sink;

/// <summary>
/// What waits to be written to one client. Bounded: whoever writes to it asks for room before reading on, so a receiver that is slow
/// makes its senders slow. Nothing is held while nothing waits.
/// </summary>
internal sealed class SinkOutbox(Socket socket)
{
    private const int MaxBytes = 256 * 1024;
    private const int FirstSize = 16 * 1024;

    private readonly Lock _gate = new();
    private byte[] _waiting = [];
    private int _count;
    private bool _isSending;
    private bool _isClosed;
    private TaskCompletionSource? _room;

    /// <summary>It is full.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= MaxBytes;

    /// <summary>Appends whole elements; they go with the next <see cref="Flush"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_waiting.Length - _count < bytes.Length)
            {
                var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, (_count + bytes.Length) * 2));
                _waiting.AsSpan(0, _count).CopyTo(bigger);
                Return(_waiting);
                _waiting = bigger;
            }

            bytes.CopyTo(_waiting.AsSpan(_count));
            _count += bytes.Length;
        }
    }

    /// <summary>Sends what waits, unless somebody does so already: then it is sent behind that.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isSending || _count == 0)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    /// <summary>Ends when there is room again, or nobody left to write to.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return _isClosed || _count < MaxBytes
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends when all is sent, or nobody is left.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (Volatile.Read(ref _isSending) && Environment.TickCount64 < end)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _isClosed = true;
            room = _room;
            _room = null;
            if (!_isSending)
            {
                Return(_waiting);
                _waiting = [];
                _count = 0;
            }
        }

        room?.SetResult();
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            byte[] bytes;
            int count;
            TaskCompletionSource? room;
            lock (_gate)
            {
                if (_count == 0 || _isClosed)
                {
                    Return(_waiting);
                    _waiting = [];
                    _count = 0;
                    _isSending = false;
                    return;
                }

                bytes = _waiting;
                count = _count;
                room = _room;
                _waiting = [];
                _count = 0;
                _room = null;
            }

            room?.SetResult();
            try
            {
                await socket.SendAsync(bytes.AsMemory(0, count));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Close();
            }

            Return(bytes);
        }
    }
}
