namespace Gateway.Core.WebSockets;

/// <summary>
/// Follows the frames of a client through any split of the bytes and finds what the library lets pass: a frame that is not
/// masked (RFC 6455 §5.1, §5.2), and a control frame with RSV1 where compression was agreed on (RFC 7692 §6.1).
/// </summary>
internal struct FrameCheck
{
    private long _payloadLeft;
    private ulong _length;
    private int _headerRead;
    private int _headerLength;

    /// <summary>A Close frame was among them.</summary>
    public bool HasClose { get; private set; }

    /// <summary>Looks at the next bytes. False: a frame in them is to be refused.</summary>
    public bool Check(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                var skip = (int)Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= skip;
                bytes = bytes[skip..];
                continue;
            }

            if (!CheckHeaderByte(bytes[0]))
            {
                return false;
            }

            bytes = bytes[1..];
        }

        return true;
    }

    private bool CheckHeaderByte(byte value)
    {
        switch (_headerRead++)
        {
            case 0:
                _length = 0;
                _headerLength = 2;
                HasClose |= (value & 0x0F) == 0x8;
                return (value & 0x48) != 0x48;
            case 1:
                if ((value & 0x80) == 0)
                {
                    return false;
                }

                var length = value & 0x7F;
                _length = length < 126 ? (ulong)length : 0;
                _headerLength = 2 + 4 + (length == 126 ? 2 : length == 127 ? 8 : 0); // RFC 6455 §5.2: length, then the key
                break;
            default:
                if (_headerRead <= _headerLength - 4)
                {
                    _length = (_length << 8) | value;
                }

                break;
        }

        if (_headerRead > 1 && _headerRead == _headerLength)
        {
            // A length with its top bit set is refused by the library; here it only must not turn negative.
            _payloadLeft = (long)(_length & long.MaxValue);
            _headerRead = 0;
        }

        return true;
    }
}
