using System.Text;

namespace Gateway.Fuzz.Inputs;

/// <summary>Breaks bytes: flips, cuts, copies, splices with another input, and pieces that have hurt parsers before.</summary>
internal static class Mutator
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "<", ">", "/>", "</", "&", ";", "'", "\"", "=", ":", "/", " ", "\n", "\r\n", "\t", "]]>", "<![CDATA[", "<!--", "-->", "<?", "?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>",
            "xmlns", " xmlns=''", " xmlns:p=''", " xmlns:p='u'", " xmlns='jabber:client'", " xmlns='http://jabber.org/protocol/httpbind'",
            " xmlns:stream='http://etherx.jabber.org/streams'", " xmlns:xml='u'", " p:a=''", "p:", "xml:lang='en'", "stream:", "<a>", "</a>", "<a/>",
            "&amp;", "&#0;", "&#xD800;", "&#x110000;", "&#x1F34C;", "&#10;", "&foo;", "&#99999999999999999999;", "&#117;", "\uFEFF", "\uFFFE", "é", "🍌", "\u0300", "\u0085", "\u2028",
            "0", "-1", "1.5", "255", "65536", "2147483648", "9007199254740991", "9223372036854775808", "00000000000000000000000001",
            "<?xml version='1.0'?>", "<?xml version='1.0' encoding='UTF-16'?>",
        }.Select(Encoding.UTF8.GetBytes),
        [0x00], [0x01], [0x0B], [0x7F], [0x80], [0xBF], [0xFE], [0xFF],
        [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], // overlong
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], // surrogates
        [0xE2, 0x82], [0xF0, 0x9F, 0x8D], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ];

    /// <summary>Changes an input in a few places.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="input">What to break.</param>
    /// <param name="other">Another input of the same kind, to splice with.</param>
    public static byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        var bytes = input.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            MutateOnce(random, bytes, other);
        }

        return [.. bytes];
    }

    /// <summary>One of the pieces.</summary>
    public static byte[] Piece(Random random) => Pieces[random.Next(Pieces.Length)];

    private static void MutateOnce(Random random, List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.AddRange(Piece(random));
            return;
        }

        var at = random.Next(bytes.Count);
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, Length(random, bytes.Count - at));
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 4)));
                break;
            case 4: // the same again, somewhere
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Length(random, bytes.Count - at)));
                break;
            case 5: // the same again, many times
                var repeated = bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(1, 12)));
                for (var i = random.Next(2, 200); i > 0; i--)
                {
                    bytes.InsertRange(at, repeated);
                }

                break;
            case 6 when other.Length > 0:
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Length(random, other.Length - from)).ToArray());
                break;
            case 7 when other.Length > 0:
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(random.Next(other.Length)).ToArray());
                break;
            case 8:
                bytes.RemoveRange(at, bytes.Count - at); // ends early
                break;
            case 9:
                var piece = Piece(random);
                for (var i = 0; i < piece.Length && at + i < bytes.Count; i++)
                {
                    bytes[at + i] = piece[i];
                }

                break;
            default:
                bytes.InsertRange(at, Piece(random));
                break;
        }
    }

    private static int Length(Random random, int most) => random.Next(1, Math.Min(most, random.Next(4) == 0 ? most : 24) + 1);
}
