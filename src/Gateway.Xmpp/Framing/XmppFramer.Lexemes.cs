using System.Buffers;
using System.Text;
using System.Text.Unicode;
using System.Xml;

namespace Gateway.Xmpp.Framing;

/// <summary>The pieces that tags and text are made of: names, values, references, characters.</summary>
public sealed partial class XmppFramer
{
    private const int MaxReferenceBytes = 64;

    // Classes of bytes, as bits.
    private const byte NameStart = 1;
    private const byte NameByte = 2;
    private const byte Space = 4;
    private const byte High = 8;

    // What needs no second look, in each place where text may stand. Everything else stops the search.
    private static readonly SearchValues<byte> PlainText = Plain("<&>"u8);
    private static readonly SearchValues<byte> PlainCData = Plain("]"u8);
    private static readonly SearchValues<byte> PlainSingleQuoted = Plain("<&'"u8);
    private static readonly SearchValues<byte> PlainDoubleQuoted = Plain("<&\""u8);
    private static readonly SearchValues<byte> ReferenceBytes = SearchValues.Create("#0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-."u8);
    private static readonly byte[] Classes = MakeClasses();

    private static bool SkipSpaces(ReadOnlySpan<byte> input, ref int position)
    {
        while (position < input.Length)
        {
            if ((Classes[input[position]] & Space) == 0)
            {
                return true;
            }

            position++;
        }

        return false;
    }

    /// <summary>Scans a qualified name that began at <c>_mark</c>. True when the byte behind it is here.</summary>
    private bool ScanName(ReadOnlySpan<byte> input, ref int position)
    {
        var classes = Classes;
        while (true)
        {
            // A part begins at the mark or behind the colon, and may not begin with every name character.
            if (position == _mark || position == _colon + 1)
            {
                if (position >= input.Length)
                {
                    return false;
                }

                if ((classes[input[position]] & (NameStart | High)) == 0)
                {
                    return Fail(FramingError.NotWellFormed);
                }
            }

            while (position < input.Length && (classes[input[position]] & NameByte) != 0)
            {
                position++;
            }

            if (position - _mark > FramingLimits.MaxNameBytes)
            {
                return Fail(FramingError.TooManyParts);
            }

            if (position >= input.Length)
            {
                return false;
            }

            if (input[position] == (byte)':')
            {
                if (_colon >= 0)
                {
                    return Fail(FramingError.NotWellFormed);
                }

                _colon = position++;
                continue;
            }

            if (input[position] < 0x80)
            {
                return true;
            }

            if (!ScanNameCharacter(input, ref position))
            {
                return false;
            }
        }
    }

    /// <summary>One character of a name beyond ASCII, by the tables of XML 1.0 (fourth edition), which most parsers use.</summary>
    private bool ScanNameCharacter(ReadOnlySpan<byte> input, ref int position)
    {
        switch (Rune.DecodeFromUtf8(input[position..], out var rune, out var length))
        {
            case OperationStatus.NeedMoreData:
                return false;
            case OperationStatus.Done:
                var isStart = position == _mark || position == _colon + 1;
                if (!rune.IsBmp || !(isStart ? XmlConvert.IsStartNCNameChar((char)rune.Value) : XmlConvert.IsNCNameChar((char)rune.Value)))
                {
                    return Fail(FramingError.NotWellFormed);
                }

                position += length;
                return true;
            default:
                return Fail(FramingError.InvalidUtf8);
        }
    }

    private bool ScanValue(ReadOnlySpan<byte> input, ref int position, SearchValues<byte> plain, byte quote)
    {
        while (true)
        {
            var stop = input[position..].IndexOfAnyExcept(plain);
            if (stop < 0)
            {
                position = input.Length;
                return false;
            }

            position += stop;
            var found = input[position];
            if (found == quote)
            {
                CloseAttribute(position);
                position++;
                return true;
            }

            if (found == (byte)'<')
            {
                return Fail(FramingError.NotWellFormed);
            }

            if (!ScanSpecial(input, ref position))
            {
                return false;
            }
        }
    }

    private bool ScanText(ReadOnlySpan<byte> input, ref int position)
    {
        while (true)
        {
            var stop = input[position..].IndexOfAnyExcept(PlainText);
            if (stop < 0)
            {
                position = input.Length;
                return false;
            }

            position += stop;
            switch (input[position])
            {
                case (byte)'<':
                    return true;
                case (byte)'>':
                    // XML 1.0 §2.4: "]]>" may not stand in character data.
                    if (position - _mark >= 2 && input[position - 1] == (byte)']' && input[position - 2] == (byte)']')
                    {
                        return Fail(FramingError.NotWellFormed);
                    }

                    position++;
                    break;
                default:
                    if (!ScanSpecial(input, ref position))
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    private bool ScanCData(ReadOnlySpan<byte> input, ref int position)
    {
        while (true)
        {
            var stop = input[position..].IndexOfAnyExcept(PlainCData);
            if (stop < 0)
            {
                position = input.Length;
                return false;
            }

            position += stop;
            if (input[position] != (byte)']')
            {
                if (!ScanUtf8(input, ref position))
                {
                    return false;
                }

                continue;
            }

            if (position + 2 >= input.Length)
            {
                if (position + 1 < input.Length && input[position + 1] != (byte)']')
                {
                    position++;
                    continue;
                }

                return false;
            }

            if (input[position + 1] == (byte)']' && input[position + 2] == (byte)'>')
            {
                position += 3;
                return true;
            }

            position++;
        }
    }

    /// <summary>A reference, a character beyond ASCII, or a control character.</summary>
    private bool ScanSpecial(ReadOnlySpan<byte> input, ref int position)
    {
        if (input[position] != (byte)'&')
        {
            return ScanUtf8(input, ref position);
        }

        // A reference is short, so it is judged whole.
        var rest = input[(position + 1)..];
        var length = rest.IndexOfAnyExcept(ReferenceBytes);
        if (length < 0 || length > MaxReferenceBytes)
        {
            if (length < 0 && rest.Length <= MaxReferenceBytes)
            {
                return false;
            }

            return Fail(FramingError.NotWellFormed);
        }

        if (rest[length] != (byte)';')
        {
            return Fail(FramingError.NotWellFormed);
        }

        var error = References.Check(rest[..length]);
        if (error != FramingError.None)
        {
            return Fail(error);
        }

        position += length + 2;
        _mark = _state == State.Text ? position : _mark;
        return true;
    }

    /// <summary>A run of characters beyond ASCII; a control character ends here too (XML 1.0 §2.2).</summary>
    private bool ScanUtf8(ReadOnlySpan<byte> input, ref int position)
    {
        var rest = input[position..];
        if (rest[0] < 0x80)
        {
            return Fail(FramingError.NotWellFormed);
        }

        var length = rest.IndexOfAnyInRange((byte)0, (byte)0x7F);
        var run = length < 0 ? rest : rest[..length];
        var status = OperationStatus.Done;
        if (!Utf8.IsValid(run))
        {
            var valid = 0;
            while ((status = Rune.DecodeFromUtf8(run[valid..], out _, out var consumed)) == OperationStatus.Done)
            {
                valid += consumed;
            }

            // What broke is judged behind what came before it, as when that comes alone.
            run = run[..valid];
        }

        // U+FFFE and U+FFFF are the two characters that UTF-8 has and XML has not.
        for (var at = run; ;)
        {
            var found = at.IndexOf([(byte)0xEF, (byte)0xBF]);
            if (found < 0)
            {
                break;
            }

            if (at[found + 2] >= 0xBE)
            {
                return Fail(FramingError.NotWellFormed);
            }

            at = at[(found + 3)..];
        }

        if (status == OperationStatus.InvalidData || (status == OperationStatus.NeedMoreData && length >= 0))
        {
            return Fail(FramingError.InvalidUtf8);
        }

        position += run.Length;
        return status == OperationStatus.Done;
    }

    private static SearchValues<byte> Plain(ReadOnlySpan<byte> except)
    {
        var plain = new List<byte>(128);
        for (var b = 0; b < 128; b++)
        {
            if ((b >= 0x20 || b is '\t' or '\n' or '\r') && !except.Contains((byte)b))
            {
                plain.Add((byte)b);
            }
        }

        return SearchValues.Create([.. plain]);
    }

    private static byte[] MakeClasses()
    {
        var classes = new byte[256];
        for (var b = 0; b < 256; b++)
        {
            var c = (char)b;
            classes[b] = b >= 128 ? High
                : char.IsAsciiLetter(c) || c == '_' ? (byte)(NameStart | NameByte)
                : char.IsAsciiDigit(c) || c is '-' or '.' ? NameByte
                : c is ' ' or '\t' or '\r' or '\n' ? Space
                : default;
        }

        return classes;
    }
}
