using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

public sealed class XmlTokenReaderTests
{
    [Theory]
    [InlineData("<a/>", "0<a/>")]
    [InlineData("<a></a>", "0<a>|0</a>")]
    [InlineData("<a>x</a >", "0<a>|1x|0</a >")]
    [InlineData("<a b='>' c=\"/>\"><d e='</a>'/>x &amp; y > z</a>", "0<a b='>' c=\"/>\">|1<d e='</a>'/>|1x &amp; y > z|0</a>")]
    [InlineData("<a><b><c/>t</b></a>", "0<a>|1<b>|2<c/>|2t|1</b>|0</a>")]
    [InlineData("<a><![CDATA[</a>]]><![CDATA[]]]]>x<![CDATA[]]></a>", "0<a>|1<![CDATA[</a>]]>|1<![CDATA[]]]]>|1x|1<![CDATA[]]>|0</a>")]
    [InlineData("<a b=\"'>\"/>", "0<a b=\"'>\"/>")]
    [InlineData("<a b='/'>x</a>", "0<a b='/'>|1x|0</a>")]
    public void Element_IsWalkedThrough(string element, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(element);
        var reader = new XmlTokenReader(bytes);
        var found = new List<string>();
        var end = 0;
        while (reader.Read())
        {
            reader.Offset.ShouldBe(end);
            end = reader.End;
            Encoding.UTF8.GetString(bytes.AsSpan(reader.Offset, reader.End - reader.Offset)).ShouldBe(Encoding.UTF8.GetString(reader.Token));
            found.Add(reader.Depth + Encoding.UTF8.GetString(reader.Token));
            reader.IsEmpty.ShouldBe(reader.Kind == XmlTokenKind.StartTag && reader.Token[^2] == (byte)'/');
        }

        end.ShouldBe(bytes.Length);
        string.Join('|', found).ShouldBe(expected);
        reader.Read().ShouldBeFalse();
    }

    [Fact]
    public void Kinds_AreTold()
    {
        var reader = new XmlTokenReader("<a>x<![CDATA[y]]><b/></a>"u8);
        var kinds = new List<XmlTokenKind>();
        while (reader.Read())
        {
            kinds.Add(reader.Kind);
        }

        kinds.ShouldBe([XmlTokenKind.StartTag, XmlTokenKind.Text, XmlTokenKind.CData, XmlTokenKind.StartTag, XmlTokenKind.EndTag]);
    }

    [Fact]
    public void Skip_GoesBehindTheElement()
    {
        var reader = new XmlTokenReader("<a><b><b>x</b><![CDATA[</b>]]></b><c/><d/></a>"u8);
        reader.Read();
        reader.Read();
        Text(reader).ShouldBe("<b>");

        reader.Skip();
        Text(reader).ShouldBe("</b>");
        reader.Depth.ShouldBe(1);

        reader.Read();
        Text(reader).ShouldBe("<c/>");
        reader.Skip();
        Text(reader).ShouldBe("<c/>");
        reader.Read();
        Text(reader).ShouldBe("<d/>");
    }

    [Fact]
    public void Skip_OfTheRoot_EndsTheWalk()
    {
        var reader = new XmlTokenReader("<a><b/></a>"u8);
        reader.Read();

        reader.Skip();

        Text(reader).ShouldBe("</a>");
        reader.Read().ShouldBeFalse();
    }

    private static string Text(XmlTokenReader reader) => Encoding.UTF8.GetString(reader.Token);
}
