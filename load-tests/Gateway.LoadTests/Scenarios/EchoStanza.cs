using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.LoadTests.Scenarios;

/// <summary>
/// The chat messages for one receiver: each of the same size, with its session and number in the id and in the text, and a text that
/// follows from both. What a server may change without changing the meaning (quotes, order of attributes, from) is not compared.
/// </summary>
internal sealed class EchoStanza
{
    private const int SessionDigits = 5;
    private const int NumberDigits = 10;
    private const int KeyLength = SessionDigits + 1 + NumberDigits;

    private readonly byte[] _template;
    private readonly byte[][] _texts;
    private readonly byte[][] _marks;
    private readonly int _idAt;
    private readonly int _bodyAt;
    private readonly int _session;

    /// <summary>Prepares them.</summary>
    /// <param name="session">The receiver's number.</param>
    /// <param name="to">Its full JID.</param>
    /// <param name="bytes">Size of each; more if so little has no room.</param>
    public EchoStanza(int session, string to, int bytes)
    {
        var key = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{session:D5}-{0:D10}");
        var start = $"<message xmlns='jabber:client' type='chat' to='{to}' id='";
        _marks = [.. new[] { "type='chat'", $"to='{to}'" }.SelectMany(mark => new[] { mark, mark.Replace('\'', '"') }).Select(mark => Encoding.UTF8.GetBytes($" {mark}"))];
        var middle = $"{start}{key}'><body>";
        const string End = "</body></message>";
        var textLength = Math.Max(16, bytes - Encoding.UTF8.GetByteCount(middle) - KeyLength - End.Length);
        _texts = EchoText.OfLength(textLength);
        _template = Encoding.UTF8.GetBytes($"{middle}{key}{new string('.', textLength)}{End}");
        _idAt = Encoding.UTF8.GetByteCount(start);
        _bodyAt = Encoding.UTF8.GetByteCount(middle);
        _session = session;
    }

    /// <summary>Bytes of each.</summary>
    public int Length => _template.Length;

    /// <summary>Writes one.</summary>
    public void Write(Span<byte> target, long number)
    {
        _template.CopyTo(target);
        var digits = target.Slice(_idAt + SessionDigits + 1, NumberDigits);
        Utf8Formatter.TryFormat(number, digits, out _, new StandardFormat('D', NumberDigits));
        digits.CopyTo(target[(_bodyAt + SessionDigits + 1)..]);
        Text(number).CopyTo(target[(_bodyAt + KeyLength)..]);
    }

    /// <summary>Judges one that came.</summary>
    public EchoVerdict Check(ReadOnlySpan<byte> stanza, int tagLength, out long number)
    {
        number = -1;
        var tag = stanza[..tagLength];
        if (!tag.StartsWith("<message"u8))
        {
            return EchoVerdict.NoEcho;
        }

        if (tag.IndexOf(" type='error'"u8) >= 0 || tag.IndexOf(" type=\"error\""u8) >= 0)
        {
            return EchoVerdict.Refused;
        }

        var id = tag.IndexOf(" id="u8);
        if (id < 0 || id + 5 + KeyLength > tag.Length)
        {
            return EchoVerdict.NoEcho;
        }

        var key = tag.Slice(id + 5, KeyLength);
        if (!Utf8Parser.TryParse(key[..SessionDigits], out int session, out var digits) || digits != SessionDigits
            || !Utf8Parser.TryParse(key[(SessionDigits + 1)..], out number, out digits) || digits != NumberDigits)
        {
            return EchoVerdict.NoEcho;
        }

        if (session != _session)
        {
            return EchoVerdict.Misrouted;
        }

        for (var i = 0; i < _marks.Length; i += 2)
        {
            if (tag.IndexOf(_marks[i]) < 0 && tag.IndexOf(_marks[i + 1]) < 0)
            {
                return EchoVerdict.Changed;
            }
        }

        var rest = stanza[tagLength..];
        var body = rest.IndexOf("<body"u8);
        if (body < 0)
        {
            return EchoVerdict.Changed;
        }

        rest = rest[body..];
        rest = rest[(rest.IndexOf((byte)'>') + 1)..];
        var text = Text(number);
        return rest.StartsWith(key) && rest[KeyLength..].StartsWith(text) && rest[(KeyLength + text.Length)..].SequenceEqual("</body></message>"u8)
            ? EchoVerdict.Same
            : EchoVerdict.Changed;
    }

    private byte[] Text(long number) => _texts[(int)((ulong)(number + (_session * 7L)) % (uint)_texts.Length)];
}
