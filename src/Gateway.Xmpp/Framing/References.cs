using System.Globalization;

namespace Gateway.Xmpp.Framing;

/// <summary>References: the five predefined entities and characters by number (XML 1.0 §4.1, RFC 6120 §11.1).</summary>
internal static class References
{
    /// <summary>Judges what stands between '&amp;' and ';'.</summary>
    public static FramingError Check(ReadOnlySpan<byte> reference)
    {
        if (reference.IsEmpty)
        {
            return FramingError.NotWellFormed;
        }

        if (reference[0] == (byte)'#')
        {
            return IsCharacter(reference[1..]) ? FramingError.None : FramingError.NotWellFormed;
        }

        if (reference.SequenceEqual("lt"u8) || reference.SequenceEqual("gt"u8) || reference.SequenceEqual("amp"u8)
            || reference.SequenceEqual("quot"u8) || reference.SequenceEqual("apos"u8))
        {
            return FramingError.None;
        }

        return char.IsAsciiDigit((char)reference[0]) || reference.Contains((byte)'#') ? FramingError.NotWellFormed : FramingError.RestrictedXml;
    }

    private static bool IsCharacter(ReadOnlySpan<byte> number)
    {
        int value;
        if (!number.IsEmpty && number[0] == (byte)'x')
        {
            number = number[1..].TrimStart((byte)'0');
            if (number.Length > 6 || !int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
            {
                return false;
            }
        }
        else
        {
            number = number.TrimStart((byte)'0');
            if (number.Length > 7 || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                return false;
            }
        }

        // XML 1.0 §2.2, Char.
        return value is 0x9 or 0xA or 0xD or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF);
    }
}
