using Gateway.DemoServer.Xml;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.DemoServer.Connections;

/// <summary>From a stream's bytes to its header and elements.</summary>
internal sealed class StreamInput(int maxStanzaBytes)
{
    private const int FirstBufferBytes = 4096;

    private readonly XmppFramer _framer = new(FramerMode.Stream, new FramingLimits(maxStanzaBytes));
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    /// <summary>Bytes were received behind the last element.</summary>
    public bool HasMore => _start < _end;

    /// <summary>The next thing that counts: a header, an element or the stream's close; null when the connection ended.</summary>
    /// <exception cref="StreamFault">The client sent what no stream may contain.</exception>
    public async ValueTask<StreamItem?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryTake(out var item))
            {
                if (item is not null)
                {
                    return item;
                }
            }

            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    /// <summary>A new stream begins on the same connection (RFC 6120 §4.3.3): nothing of the old one is in scope.</summary>
    public void Restart() => _framer.Reset();

    private bool TryTake(out StreamItem? item)
    {
        item = null;
        var bytes = _buffer.AsSpan(_start.._end);
        if (bytes.IsEmpty)
        {
            return false;
        }

        var element = _framer.Read(bytes);
        switch (element.Kind)
        {
            case StreamElementKind.None:
                return false;
            case StreamElementKind.Error:
                var tooBig = _framer.Error == FramingError.TooBig;
                throw new StreamFault(_framer.Error.ToCondition(), tooBig ? $"A stanza may have {_framer.Limits.MaxBytes} bytes" : null, tooBig);
            case StreamElementKind.StreamHeader:
                item = new StreamItem(element.Kind, StreamHeader.Parse(element, bytes), ContentNamespace: _framer.Scope.DefaultNamespace.SequenceEqual("jabber:client"u8));
                break;
            case StreamElementKind.FirstLevelElement:
                item = new StreamItem(element.Kind, Element: ElementParser.Parse(element.Slice(bytes), _framer.Scope));
                break;
            case StreamElementKind.StreamClose:
                item = new StreamItem(element.Kind);
                break;
            default:
                break;
        }

        _start += element.End;
        return true;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > FirstBufferBytes)
            {
                _buffer = new byte[FirstBufferBytes];
            }
        }
        else if (_end == _buffer.Length)
        {
            // The framer refuses an element over its limit, so twice the limit is never reached.
            var bigger = _end - _start > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
            _buffer.AsSpan(_start.._end).CopyTo(bigger);
            _buffer = bigger;
            _end -= _start;
            _start = 0;
        }
    }
}
