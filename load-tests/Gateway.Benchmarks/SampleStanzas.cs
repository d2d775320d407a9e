using System.Text;

namespace Gateway.Benchmarks;

/// <summary>What the benchmarks feed.</summary>
internal static class SampleStanzas
{
    /// <summary>Stanzas in one buffer, as one read under load brings them.</summary>
    public const int Count = 64;

    /// <summary>A stream header as servers write it.</summary>
    public static byte[] Header => "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='a1' from='example.org' version='1.0' xml:lang='en'>"u8.ToArray();

    /// <summary>A chat message of 230 bytes.</summary>
    public static byte[] Message { get; } = Exactly(
        230,
        "<message from='alice@example.org/web-7f3a' to='bob@example.org' id='d3b07384-d113' type='chat'><body>",
        "</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>");

    /// <summary>The same with its own default namespace, as clients send it in a WebSocket message.</summary>
    public static byte[] ClientMessage { get; } = Exactly(
        230,
        "<message xmlns='jabber:client' to='bob@example.org' id='d3b07384-d113' type='chat'><body>",
        "</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>");

    /// <summary>A roster answer of 4 KiB.</summary>
    public static byte[] Roster
    {
        get
        {
            var text = new StringBuilder("<iq to='alice@example.org/web-7f3a' id='r1' type='result'><query xmlns='jabber:iq:roster'>");
            for (var i = 0; text.Length < 3980; i++)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"<item jid='contact{i}@example.org' name='Contact &amp; {i}' subscription='both'><group>Friends</group></item>");
            }

            return Encoding.UTF8.GetBytes(text.Append("</query></iq>").ToString());
        }
    }

    /// <summary>A 4 KiB message that is nearly all text.</summary>
    public static byte[] LongMessage => Exactly(4096, "<message to='bob@example.org' type='chat'><body>", "</body></message>");

    /// <summary>Many of one behind the other.</summary>
    public static byte[] Repeat(byte[] stanza) => [.. Enumerable.Repeat(stanza, Count).SelectMany(bytes => bytes)];

    private static byte[] Exactly(int length, string start, string end)
    {
        var text = string.Concat(Enumerable.Repeat("Shall we meet at the station &amp; walk? ", (length / 40) + 1));
        text = text[..(length - start.Length - end.Length)];
        var ampersand = text.LastIndexOf('&');
        if (ampersand > text.Length - 5)
        {
            text = text[..ampersand] + new string('.', text.Length - ampersand);
        }

        return Encoding.UTF8.GetBytes(start + text + end);
    }
}
