using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using XmlReader = System.Xml.XmlReader;

namespace Gateway.Xmpp.Tests.Framing;

public sealed class XmlTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain é 🍌", "plain é 🍌")]
    [InlineData("a\tb\nc\rd", "a b c d")]
    [InlineData("a\r\nb", "a b")]
    [InlineData("a\r\r\nb\n\rc", "a  b  c")]
    [InlineData("&#13;&#10;&#9;x", "\r\n\tx")]
    [InlineData("&#xD;\n", "\r ")]
    [InlineData("\r&#10;", " \n")]
    [InlineData("&lt;&gt;&amp;&apos;&quot;", "<>&'\"")]
    [InlineData("&amp;lt;", "&lt;")]
    [InlineData("&#38;lt;", "&lt;")]
    [InlineData("&#x1F34C;&#127820;&#x10FFFF;", "🍌🍌\U0010FFFF")]
    [InlineData("&#000000000000065;&#x00000000000041;", "AA")]
    [InlineData("&#xaF;&#xAf;", "¯¯")]
    [InlineData("a\u0085b\u2028c\u2029d &amp;", "a\u0085b\u2028c\u2029d &")]
    [InlineData("\u0085\n", "\u0085 ")]
    public void AttributeValue_IsWhatXmlSays(string raw, string expected)
    {
        XmlText.AttributeValue(Encoding.UTF8.GetBytes(raw)).ShouldBe(expected);

        // And what System.Xml makes of it.
        using var reader = XmlReader.Create(new StringReader($"<a b=\"{raw}\"/>"), XmlReaderOracle.Settings);
        reader.Read();
        reader.GetAttribute("b").ShouldBe(expected);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a\tb\nc", "a\tb\nc")]
    [InlineData("a\r\nb\rc\n\rd", "a\nb\nc\n\nd")]
    [InlineData("&#13;&#10;", "\r\n")]
    [InlineData("x &lt; y &#x1F34C;", "x < y 🍌")]
    [InlineData("\u0085\u2028", "\u0085\u2028")]
    public void TextValue_IsWhatXmlSays(string raw, string expected)
    {
        XmlText.TextValue(Encoding.UTF8.GetBytes(raw)).ShouldBe(expected);

        using var reader = XmlReader.Create(new StringReader($"<a>{raw}</a>"), XmlReaderOracle.Settings);
        reader.Read();
        reader.ReadElementContentAsString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("<>&'\"")]
    [InlineData("a\tb\nc\rd\r\ne")]
    [InlineData("]]>")]
    [InlineData("é 🍌 \u0085")]
    [InlineData("&amp;")]
    public void WrittenValue_ReadBack_IsTheSameInTextAndBetweenEitherQuotes(string value)
    {
        using var output = new PooledByteWriter();
        XmlText.WriteEscaped(output, value);
        var written = Encoding.UTF8.GetString(output.WrittenSpan);

        XmlText.AttributeValue(output.WrittenSpan).ShouldBe(value);
        XmlText.TextValue(output.WrittenSpan).ShouldBe(value);
        using var reader = XmlReader.Create(new StringReader($"<a b='{written}' c=\"{written}\">{written}</a>"), XmlReaderOracle.Settings);
        reader.Read();
        reader.GetAttribute("b").ShouldBe(value);
        reader.GetAttribute("c").ShouldBe(value);
        reader.ReadElementContentAsString().ShouldBe(value);
    }
}
