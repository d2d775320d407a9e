using System.Text;
using System.Xml;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Fuzz.Inputs;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Tests.Framing;
using XmlText = Gateway.Xmpp.Framing.XmlText;

namespace Gateway.Fuzz.Targets;

/// <summary>Texts that clients and servers name: values with references, domains, JIDs, language tags, media types, addresses.</summary>
internal sealed class TextTarget : ParserTarget
{
    private static readonly DomainPolicy Policy = new([new ServedDomain("example.org", "b"), new ServedDomain("*.bücher.example", "b"), new ServedDomain("xn--80akhbyknj4f.test", "b")]);
    private static readonly string[] Seeds =
    [
        "example.org", "EXAMPLE.ORG.", "a.bücher.example", "xn--bcher-kva.example", "xn--80akhbyknj4f.test", "XN--BCHER-KVA.EXAMPLE", "user@example.org", "user@example.org/resource", "a@b@example.org", "127.0.0.1",
        "::1", "[2001:db8::1]:5222", "localhost:5222", "xn--", "xn---", "xn--a-", "xn--zzzzzzzz99999999", "a..b", ".", "-a.b-", "ß.example", "faß.de", "İ.example", "ſ.example", "straße。example", "a\u200Db.example", "\u0301a", "xn--0.pt",
        "en", "de-CH-1996", "x-klingon", "text/xml; charset=utf-8", "text/html", "&lt;&#65;&#x1F34C;&amp;", "a\r\nb\tc\rd", "\uFFFD\uFFFE", "٣.example", "xn--q9jyb4c", "xn--ls8h.la",
    ];

    /// <inheritdoc/>
    public override string Name => "text";

    /// <inheritdoc/>
    public override byte[] Generate(Random random) => XmlInput.Broken(random, static r => Encoding.UTF8.GetBytes(Seeds[r.Next(Seeds.Length)]));

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        CheckDomain(text);
        CheckJid(text);
        CheckValues(input, text);
        _ = BackendAddress.TryParse(text, out _);
        (!BoshTerms.IsHarmless(text) || !text.Contains("html", StringComparison.OrdinalIgnoreCase)).ShouldBeTrue();
        (!LanguageTag.Is(text) || text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')).ShouldBeTrue();
    }

    private static void CheckDomain(string text)
    {
        if (!DomainName.TryPrepare(text, out var name))
        {
            Policy.Find(text).ShouldBeNull();
            return;
        }

        // One spelling: either form, and any case of it, is the same domain again.
        foreach (var spelling in new[] { name.Ascii, name.Unicode, name.Ascii + ".", name.Ascii.ToUpperInvariant() })
        {
            DomainName.TryPrepare(spelling, out var again).ShouldBeTrue(spelling);
            again.ShouldBe(name, spelling);
        }

        name.Ascii.ShouldAllBe(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '.' || c == '-');
        name.Ascii.Length.ShouldBeLessThanOrEqualTo(DomainName.MaxLength);
        (Policy.Find(text) is not null).ShouldBe(name.Ascii is "example.org" or "xn--80akhbyknj4f.test" || name.Ascii.EndsWith(".xn--bcher-kva.example", StringComparison.Ordinal));
    }

    private static void CheckJid(string text)
    {
        foreach (var jid in new[] { text, text + "@example.org" })
        {
            if (BareJid.IfOf(jid, "example.org") is { } bare)
            {
                bare.Count(c => c == '@').ShouldBe(1);
                bare.ShouldNotContain("/");
                bare.Length.ShouldBeLessThanOrEqualTo(1023 + "@example.org".Length);
            }
        }
    }

    /// <summary>Values come back from their escaped form, and escaped ones are read as System.Xml reads them.</summary>
    private static void CheckValues(byte[] input, string text)
    {
        using var output = new PooledByteWriter();
        output.Write("<a b='"u8);
        XmlText.WriteEscaped(output, text);
        output.Write("'>"u8);
        XmlText.WriteEscaped(output, text);
        output.Write("</a>"u8);
        if (XmlReaderOracle.Judge(output.WrittenSpan.ToArray()).Accepts)
        {
            CheckRead(output.WrittenSpan.ToArray(), text);
        }

        byte[] raw = [.. "<a b='"u8, .. input, .. "'>"u8, .. input, .. "</a>"u8];
        var framed = new XmppFramer(FramerMode.Document, FramingLimits.Default).Read(raw);
        if (framed.Kind == StreamElementKind.FirstLevelElement && framed.End == raw.Length)
        {
            CheckRead(raw, null);
        }
    }

    private static void CheckRead(byte[] document, string? value)
    {
        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(document)), XmlReaderOracle.Settings);
        reader.MoveToContent();
        StartTag.TryGet(document, "b"u8, out var raw);
        XmlText.AttributeValue(raw).ShouldBe(reader.GetAttribute("b"));
        XmlText.AttributeValue(raw).ShouldBe(value ?? XmlText.AttributeValue(raw));
        var tokens = new XmlTokenReader(document);
        tokens.Read();
        tokens.Read();
        if (tokens.Kind == XmlTokenKind.Text && document.AsSpan().IndexOf("<![CDATA["u8) < 0 && document.AsSpan().Count((byte)'<') == 2)
        {
            XmlText.TextValue(tokens.Token).ShouldBe(reader.ReadElementContentAsString());
        }
    }
}
