using System.Text;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Breaks documents a little, mostly where it hurts.</summary>
internal static class XmlMutator
{
    private static readonly byte[][] Pieces =
    [
        .. "<>&'\"=/:; ]![?-#x\n0a".Select(c => new[] { (byte)c }),
        .. new[] { "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<!DOCTYPE a>", "&#0;", "&#xD800;", "&foo;", "&amp;", "xmlns", " xmlns=''", " xmlns:p=''", " xmlns:p='u'", " p:a=''", "p:", "</a>", "<a>", "<a/>", "\uFEFF", "\uFFFE", "é", "🍌", "\u0300", "·" }.Select(Encoding.UTF8.GetBytes),
        [0x00], [0x01], [0x0B], [0x80], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
    ];

    public static byte[] Mutate(Random random, byte[] input)
    {
        var bytes = input.ToList();
        for (var i = random.Next(1, 3); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(6, bytes.Count - at) + 1));
                    break;
                case 3:
                    var length = Math.Min(random.Next(1, 20), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 4:
                    var piece = Pieces[random.Next(Pieces.Length)];
                    bytes[at] = piece[0];
                    break;
                default:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
