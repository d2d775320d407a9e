using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

public sealed class StartTagTests
{
    [Theory]
    [InlineData("<a>", "", "a", "")]
    [InlineData("<a/>", "", "a", "")]
    [InlineData("<a />", "", "a", "")]
    [InlineData("<p:a\n>", "p", "a", "")]
    [InlineData("<a b='1'>", "", "a", "b=1")]
    [InlineData("<a b='1'/>", "", "a", "b=1")]
    [InlineData("<p:a b='1'\tp:c=\"2\" />", "p", "a", "b=1|p:c=2")]
    [InlineData("<a b = \"x\"\r\nc\t=\n'y'>", "", "a", "b=x|c=y")]
    [InlineData("<a b='>' c='/>' d='\"' e=\"'\" f='='>", "", "a", "b=>|c=/>|d=\"|e='|f==")]
    [InlineData("<a b='' c=\"\">", "", "a", "b=|c=")]
    [InlineData("<a b='&amp;'><c d='no'/></a>", "", "a", "b=&amp;")]
    [InlineData("<a>b='no'</a>", "", "a", "")]
    [InlineData("<é:水 é:b='🍌'/>", "é", "水", "é:b=🍌")]
    public void Tag_IsTakenApart(string tag, string prefix, string local, string attributes)
    {
        var reader = new StartTag(Encoding.UTF8.GetBytes(tag));

        Text(reader.Prefix).ShouldBe(prefix);
        Text(reader.LocalName).ShouldBe(local);
        Text(reader.Name).ShouldBe(prefix.Length == 0 ? local : prefix + ":" + local);
        var found = new List<string>();
        while (reader.TryRead(out var attribute))
        {
            found.Add(Text(attribute.Name) + "=" + Text(attribute.RawValue));
        }

        string.Join('|', found).ShouldBe(attributes);
        reader.TryRead(out _).ShouldBeFalse("behind the end");
    }

    [Fact]
    public void Declarations_AreTold()
    {
        var reader = new StartTag("<a xmlns='u' xmlns:p='v' xmlnsx='' xml:lang='en' p:xmlns=''>"u8);
        var kinds = new StringBuilder();
        while (reader.TryRead(out var attribute))
        {
            kinds.Append(attribute.IsDefaultDeclaration ? 'd' : attribute.IsPrefixDeclaration ? 'p' : '-');
        }

        kinds.ToString().ShouldBe("dp---");
    }

    [Fact]
    public void TryGet_FindsByQualifiedName()
    {
        var tag = "<a bb='1' b='2' p:b='3' xml:lang='en'><c d='4'/></a>"u8;

        StartTag.TryGet(tag, "b"u8, out var value).ShouldBeTrue();
        Text(value).ShouldBe("2");
        StartTag.TryGet(tag, "p:b"u8, out value).ShouldBeTrue();
        Text(value).ShouldBe("3");
        StartTag.TryGet(tag, "lang"u8, out _).ShouldBeFalse();
        StartTag.TryGet(tag, "d"u8, out _).ShouldBeFalse();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
