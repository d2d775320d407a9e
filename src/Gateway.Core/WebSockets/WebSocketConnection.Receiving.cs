using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Core.WebSockets;

/// <summary>From the client's bytes to messages.</summary>
public sealed partial class WebSocketConnection
{
    /// <summary>Bytes asked for at once: room for a burst of stanzas, so that they go up in one write.</summary>
    private const int ReadSize = 16 * 1024;

    private byte[] _buffer = [];
    private int _start; // of what no frame was made of yet
    private int _end;
    private int _messageStart;
    private int _messageLength;
    private long _skip; // bytes of the payload that is passed over
    private Progress _progress;
    private bool _isCompressed;
    private bool _isTaken;
    private bool _inflatesNoMore;
    private byte[] _ping = [];
    private long _lastRead;

    private enum Progress : byte
    {
        None, // no message has begun
        Text,
        Binary,
        Skipping, // the message is passed over, to its last frame
    }

    /// <summary>When bytes last came, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
    public long LastRead => Volatile.Read(ref _lastRead);

    /// <summary>The text of the message that <see cref="TryRead"/> found; valid until its next call.</summary>
    internal ReadOnlySpan<byte> Message => MessageIn(_buffer);

    /// <summary>The code that says what was wrong, after <see cref="WebSocketEvent.Invalid"/>.</summary>
    internal WebSocketCloseStatus Refusal { get; private set; }

    /// <summary>Waits until there is something to read, and reads it. False: the client's side is over.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        ForgetMessage();
        int count;
        if (_start == _end && _messageLength == 0)
        {
            ReturnBuffer();
            count = await _stream.ReadAsync(Memory<byte>.Empty, cancellationToken); // 0 always: only waits
        }

        MakeRoom();
        count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        Volatile.Write(ref _lastRead, _time.GetTimestamp());
        return count > 0;
    }

    /// <summary>Takes the next whole message or control frame of what was read.</summary>
    /// <param name="limit">Bytes that a message may have; it is not kept beyond them.</param>
    internal WebSocketEvent TryRead(int limit)
    {
        while (true)
        {
            ForgetMessage();
            if (!SkipPayload())
            {
                return WebSocketEvent.None;
            }

            var bytes = _buffer.AsSpan(_start, _end - _start);
            if (!FrameHeader.TryRead(bytes, Deflater is not null, out var header) || (header.Length > 0 && IsOutOfPlace(header)))
            {
                return Refuse(WebSocketCloseStatus.ProtocolError);
            }

            if (header.Length == 0)
            {
                return WebSocketEvent.None;
            }

            if (!header.IsControl && (_progress == Progress.Skipping || header.PayloadLength > limit - _messageLength))
            {
                // WS-021: judged by what is announced, before any of it is kept.
                var isKnown = _progress == Progress.Skipping;
                _start += header.Length;
                PassOver(header);
                if (isKnown)
                {
                    continue;
                }

                return WebSocketEvent.TooBig;
            }

            if (bytes.Length - header.Length < header.PayloadLength)
            {
                return WebSocketEvent.None;
            }

            var payload = bytes.Slice(header.Length, (int)header.PayloadLength);
            header.Unmask(payload);
            var found = header.IsControl ? TakeControl(header, payload) : TakeData(header, payload, limit);
            if (found != WebSocketEvent.None)
            {
                return found;
            }
        }
    }

    /// <summary>Gives the buffer back, unless something in it has still to be read.</summary>
    internal void ReleaseBuffer()
    {
        ForgetMessage();
        if (_start == _end && _messageLength == 0)
        {
            ReturnBuffer();
        }
    }

    /// <summary>Gives the buffer back whatever it holds: nothing more is read.</summary>
    internal void ReturnBuffer()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = _messageStart = _messageLength = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>RFC 6455 §5.4: a message is begun once and then continued.</summary>
    private bool IsOutOfPlace(in FrameHeader header) =>
        !header.IsControl && header.Opcode == FrameOpcode.Continuation == (_progress == Progress.None);

    private WebSocketEvent TakeControl(in FrameHeader header, Span<byte> payload)
    {
        _start += header.Length + payload.Length;
        switch (header.Opcode)
        {
            case FrameOpcode.Ping:
                _ping = payload.ToArray();
                return WebSocketEvent.Ping;
            case FrameOpcode.Close when payload.IsEmpty:
                CloseReceived = WebSocketCloseStatus.Empty;
                return WebSocketEvent.Close;
            case FrameOpcode.Close when payload.Length == 1 || !IsCloseCode(BinaryPrimitives.ReadUInt16BigEndian(payload)):
                return Refuse(WebSocketCloseStatus.ProtocolError); // WS-051
            case FrameOpcode.Close when !Utf8.IsValid(payload[2..]):
                return Refuse(WebSocketCloseStatus.InvalidPayloadData);
            case FrameOpcode.Close:
                CloseReceived = (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload);
                return WebSocketEvent.Close;
            default:
                return WebSocketEvent.None; // WS-054: a pong is a sign of life, whoever asked for it
        }
    }

    private WebSocketEvent TakeData(in FrameHeader header, Span<byte> payload, int limit)
    {
        if (_progress == Progress.None)
        {
            _progress = header.Opcode == FrameOpcode.Text ? Progress.Text : Progress.Binary;
            _isCompressed = header.IsCompressed;
            _messageStart = _start + header.Length;
        }
        else
        {
            payload.CopyTo(_buffer.AsSpan(_messageStart + _messageLength));
        }

        _messageLength += payload.Length;
        _start += header.Length + payload.Length;
        if (!header.IsFinal)
        {
            return WebSocketEvent.None;
        }

        var kind = _progress;
        _progress = Progress.None;
        _isTaken = true;
        if (kind == Progress.Binary)
        {
            return WebSocketEvent.Binary;
        }

        if (_isCompressed && Inflate(limit) is var inflated and not WebSocketEvent.Text)
        {
            return inflated;
        }

        return Utf8.IsValid(Message) ? WebSocketEvent.Text : Refuse(WebSocketCloseStatus.InvalidPayloadData); // WS-017
    }

    /// <summary>WS-057: no further than the limit, and once one was beyond it none any more. The message takes the place of what it was inflated from.</summary>
    private WebSocketEvent Inflate(int limit)
    {
        if (_inflatesNoMore)
        {
            return WebSocketEvent.None;
        }

        using var inflated = new PooledByteWriter();
        if (!MessageInflater.TryInflate(Message, limit, inflated))
        {
            return Refuse(WebSocketCloseStatus.InvalidPayloadData); // RFC 7692 §7.2.2
        }

        if (inflated.WrittenCount > limit)
        {
            _inflatesNoMore = true;
            return WebSocketEvent.TooBig;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        var bytes = ArrayPool<byte>.Shared.Rent(inflated.WrittenCount + rest.Length);
        inflated.WrittenSpan.CopyTo(bytes);
        rest.CopyTo(bytes.AsSpan(inflated.WrittenCount));
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = bytes;
        _end = inflated.WrittenCount + rest.Length;
        _start = _messageLength = inflated.WrittenCount;
        _messageStart = 0;
        return WebSocketEvent.Text;
    }

    /// <summary>The payload that is passed over. False: more of it has to come.</summary>
    private bool SkipPayload()
    {
        var count = (int)Math.Min(_skip, _end - _start);
        _skip -= count;
        _start += count;
        return _skip == 0;
    }

    private void PassOver(in FrameHeader header)
    {
        _skip = header.PayloadLength;
        _messageLength = 0;
        _progress = header.IsFinal ? Progress.None : Progress.Skipping;
    }

    private WebSocketEvent Refuse(WebSocketCloseStatus code)
    {
        Refusal = code;
        return WebSocketEvent.Invalid;
    }

    private void ForgetMessage()
    {
        if (_isTaken)
        {
            _isTaken = false;
            _messageLength = 0;
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var rest = _end - _start;
        var kept = _messageLength + rest;
        var old = _buffer;
        if (kept > old.Length / 2 || old.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(ReadSize, kept * 2));
        }

        MessageIn(old).CopyTo(_buffer);
        old.AsSpan(_start, rest).CopyTo(_buffer.AsSpan(_messageLength));
        _messageStart = 0;
        _start = _messageLength;
        _end = kept;
        if (old != _buffer && old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private Span<byte> MessageIn(byte[] buffer) => buffer.AsSpan(_messageStart, _messageLength);

    /// <summary>RFC 6455 §7.4: the codes that a Close frame may carry (WS-051).</summary>
    private static bool IsCloseCode(int code) => code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;
}
