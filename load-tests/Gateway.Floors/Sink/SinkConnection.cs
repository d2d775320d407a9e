using System.Buffers;
using System.Net.Sockets;
using Gateway.Xmpp.Framing;

namespace Gateway.Floors.Sink;

/// <summary>One client of the sink: reads, frames, and does what little <see cref="SinkStream"/> says. At rest it holds no buffer.</summary>
internal sealed class SinkConnection(Socket socket, SinkRegistry registry)
{
    private const int ReadSize = 64 * 1024;
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly SinkOutbox _outbox = new(socket);
    private readonly XmppFramer _framer = new(FramerMode.Stream, new FramingLimits(10 * 1024 * 1024));
    private byte[] _buffer = [];
    private int _count;

    /// <summary>Serves it to its end; never fails.</summary>
    public async Task RunAsync()
    {
        var stream = new SinkStream(_outbox, registry);
        try
        {
            while (!stream.IsEnded && await FillAsync())
            {
                Handle(stream);
                stream.FlushAll();
                while (stream.TryGetFull(out var full))
                {
                    await full.WaitForRoomAsync();
                }
            }

            await _outbox.DrainAsync(Goodbye);
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone.
        }
        finally
        {
            stream.Unbind();
            _outbox.Close();
            socket.Dispose();
            Return();
        }
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_count == 0)
        {
            Return();
            await socket.ReceiveAsync(Memory<byte>.Empty);
        }

        if (_count == _buffer.Length)
        {
            var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(ReadSize, _count * 2));
            _buffer.AsSpan(0, _count).CopyTo(bigger);
            Return();
            _buffer = bigger;
        }

        var count = await socket.ReceiveAsync(_buffer.AsMemory(_count));
        _count += count;
        return count > 0;
    }

    private void Handle(SinkStream stream)
    {
        var start = 0;
        while (!stream.IsEnded)
        {
            var pending = _buffer.AsSpan(start, _count - start);
            var element = _framer.Read(pending);
            if (element.Kind == StreamElementKind.None)
            {
                break;
            }

            stream.On(element, pending, _framer);
            start += element.End;
        }

        _count -= start;
        if (start > 0 && _count > 0)
        {
            _buffer.AsSpan(start, _count).CopyTo(_buffer);
        }
    }

    private void Return()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
