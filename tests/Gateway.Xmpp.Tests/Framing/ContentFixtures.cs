using Gateway.Xmpp.Framing;
using static Gateway.Xmpp.Framing.FramingError;
using static Gateway.Xmpp.Tests.Framing.FramerFixture;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Single elements: well-formed and not.</summary>
internal static class ContentFixtures
{
    public static IReadOnlyList<(string Name, string Xml)> Accepted { get; } =
    [
        ("empty element", "<a/>"),
        ("empty element with space", "<a />"),
        ("empty element with white space of all kinds", "<a \t\r\n/>"),
        ("empty pair", "<a></a>"),
        ("white space in end tag", "<a></a \t\r\n>"),
        ("nested same names", "<a><a><a/></a><a></a></a>"),
        ("names where one is the other's start", "<ab><a/><abc></abc></ab>"),
        ("CDATA holding an end tag", "<a><![CDATA[</a>]]></a>"),
        ("CDATA holding all that is forbidden outside", "<a><![CDATA[<!-- <?x?> <!DOCTYPE x> &foo; & ]] > ]>]]></a>"),
        ("CDATA empty", "<a><![CDATA[]]></a>"),
        ("CDATA ending in brackets", "<a><![CDATA[]]]]></a>"),
        ("CDATA holding one bracket", "<a><![CDATA[]]]></a>"),
        ("CDATA holding greater-than", "<a><![CDATA[>]]></a>"),
        ("CDATA holding the opening of another", "<a><![CDATA[<![CDATA[]]></a>"),
        ("CDATA end in two sections", "<a><![CDATA[]]]]><![CDATA[>]]></a>"),
        ("CDATA with text around", "<a>x<![CDATA[y]]>z</a>"),
        ("brackets in text", "<a>]] ]> ] > ]]</a>"),
        ("escaped CDATA end in text", "<a>]]&gt;</a>"),
        ("brackets across a reference", "<a>]]&#93;></a>"),
        ("brackets across an element", "<a>]]<b/>></a>"),
        ("quotes and greater-than in text", "<a>'\">'</a>"),
        ("slash and greater-than in attribute", "<a b='/>' c=\"/>\"></a>"),
        ("other quote in attribute", "<a b='\"' c=\"'\"/>"),
        ("CDATA end in attribute", "<a b=']]>'/>"),
        ("equals in attribute", "<a b='=' c='a=b'/>"),
        ("space around equals", "<a b = 'x' c\t=\r\n\"y\"/>"),
        ("attribute with line ends and tab", "<a b='1\n2\r\n3\t4\r5'/>"),
        ("empty attribute", "<a b='' c=\"\"/>"),
        ("predefined entities", "<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>"),
        ("character references at the edges of Char", "<a b='&#9;&#10;&#13;&#x20;'>&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10FFFF;&#x10fffF;</a>"),
        ("character references with leading zeros", "<a b='&#0000000000000065;'>&#x0000000000000041;</a>"),
        ("references side by side", "<a>&amp;&amp;lt;&#38;#60;</a>"),
        ("ampersand and less-than by reference", "<a>&#38;&#60;&#x26;&#x3C;</a>"),
        ("prefix declared on the element", "<p:a xmlns:p='urn:p'/>"),
        ("prefix declared behind its use", "<p:a p:b='1' xmlns:p='urn:p'></p:a>"),
        ("prefix from the parent", "<a xmlns:p='urn:p'><p:b p:c=''><p:d/></p:b></a>"),
        ("prefix declared anew inside", "<p:a xmlns:p='urn:p'><p:b xmlns:p='urn:q'><p:c/></p:b><p:d/></p:a>"),
        ("many declarations in siblings", "<a><b xmlns:p='u1'><p:x/></b><b xmlns:p='u2'><p:x/></b><b xmlns:p='u3'><p:x/></b></a>"),
        ("same local attribute in two namespaces and none", "<a xmlns:p='u1' xmlns:q='u2' p:x='' q:x='' x=''/>"),
        ("default namespace does not apply to attributes", "<a xmlns='u' xmlns:p='u' x='' p:x=''/>"),
        ("default namespace undeclared", "<a xmlns='u'><b xmlns=''><c xmlns='v'/></b></a>"),
        ("default namespace undeclared on the element", "<a xmlns=''/>"),
        ("namespace name with references", "<p:a xmlns:p='&#117;rn:&amp;'/>"),
        ("namespace name with space and any text", "<a xmlns=' not a uri ' xmlns:p='%%'/>"),
        ("xml prefix without declaration", "<a xml:lang='en' xml:id='x' xml:other=''><xml:b/></a>"),
        ("xml prefix declared", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang=''/>"),
        ("names that begin with xml", "<xmla xmlb='' xmlns:xmlc='u'><xmlc:d/></xmla>"),
        ("attribute called like xmlns and more", "<a xmlnsp='' xmln=''/>"),
        ("names with all kinds of characters", "<_a-b.c1·\u0300 é='' Ω.1=''><漢字/></_a-b.c1·\u0300>"),
        ("prefix outside ASCII", "<é:a xmlns:é='u' é:b=''/>"),
        ("U+FEFF in text, attribute and CDATA", "<a b='\uFEFF'>\uFEFF<![CDATA[\uFEFF]]></a>"),
        ("odd but legal characters", "<a b='\u0085\u2028\u00A0'>\u007F\u0080\u009F\u0085\u2028\u2029\uFFFD\uFDD0\uD7FF" + Raw(0xEE, 0x80, 0x80) + "</a>"),
        ("all lengths of UTF-8", "<a b='zß水🍌'>zß水🍌<![CDATA[zß水🍌]]></a>"),
        ("edges of UTF-8 lengths", "<a>\u0080\u07FF\u0800\U00010000\U0010FFFD</a>"),
        ("last code points of planes are characters above the first plane", "<a>\U0001FFFE\U0010FFFF</a>"),
        ("sixteen attributes", "<a " + string.Join(' ', Enumerable.Range(0, 16).Select(i => $"b{i}='{i}'")) + "/>"),
        ("long text", "<a>" + new string('x', 200) + "</a>"),
        ("stanza", "<message to='bob@example.org' id='1' type='chat'><body>Hi &amp; &quot;bye&quot; &lt;3 🍌</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>"),
    ];

    public static IReadOnlyList<(string Name, string Xml, FramingError[] Errors)> Rejected { get; } =
    [
        .. NotWellFormedXml().Select(f => (f.Name, f.Xml, new[] { NotWellFormed })),
        .. RestrictedContent().Select(f => (f.Name, f.Xml, new[] { RestrictedXml })),
        .. Unclear().Select(f => (f.Name, f.Xml, new[] { RestrictedXml, NotWellFormed })),
        .. BrokenCharacters(),
    ];

    private static IEnumerable<(string Name, string Xml)> NotWellFormedXml() =>
    [
        ("other end tag", "<a></b>"),
        ("crossed end tags", "<a><b></a></b>"),
        ("end tag that begins like the name", "<a></ab>"),
        ("end tag shorter than the name", "<ab></a>"),
        ("end tag in other case", "<a></A>"),
        ("end tag with another prefix of the same namespace", "<p:a xmlns:p='u' xmlns:q='u'></q:a>"),
        ("end tag with attribute", "<a></a b=''>"),
        ("end tag closed like an empty element", "<a></a/>"),
        ("space before the end tag's name", "<a></ a>"),
        ("end tag without name", "<a></>"),
        ("space before the name", "< a/>"),
        ("no name", "<>"),
        ("no name but a slash", "</>"),
        ("space after the slash", "<a/ >"),
        ("slash in a tag", "<a / b=''>"),
        ("less-than in a tag", "<a <b/>"),
        ("attribute without value", "<a b/>"),
        ("attribute without value before another", "<a b c=''/>"),
        ("attribute without quotes", "<a b=x/>"),
        ("attribute without anything", "<a b=/>"),
        ("attribute with two equals", "<a b==''/>"),
        ("no space between attributes", "<a b='x'c='y'/>"),
        ("no space between name and value", "<a'b'/>"),
        ("less-than in attribute", "<a b='<'/>"),
        ("end tag in attribute", "<a b='</a>'/>"),
        ("bare ampersand in attribute", "<a b='&'/>"),
        ("bare ampersand and space in attribute", "<a b='x & y'/>"),
        ("bare ampersand", "<a>&</a>"),
        ("bare ampersand and space", "<a>x & y</a>"),
        ("reference without name", "<a>&;</a>"),
        ("reference without semicolon", "<a>&lt</a>"),
        ("reference with space", "<a>&lt ;</a>"),
        ("foreign entity without semicolon", "<a>&foo</a>"),
        ("reference beginning with a digit", "<a>&1;</a>"),
        ("character reference empty", "<a>&#;</a>"),
        ("hex character reference empty", "<a>&#x;</a>"),
        ("hex digits in a decimal reference", "<a>&#a;</a>"),
        ("bad hex digit", "<a>&#xg;</a>"),
        ("capital X", "<a>&#X41;</a>"),
        ("character reference without semicolon", "<a>&#65</a>"),
        ("character reference with space", "<a>&#65 ;</a>"),
        ("negative character reference", "<a>&#-1;</a>"),
        ("reference to zero", "<a>&#0;</a>"),
        ("reference to hex zero", "<a>&#x0000;</a>"),
        ("reference to control character", "<a>&#8;</a>"),
        ("reference to vertical tab", "<a b='&#xB;'/>"),
        ("reference to last control character", "<a>&#x1F;</a>"),
        ("reference to first surrogate", "<a>&#xD800;</a>"),
        ("reference to last surrogate", "<a>&#57343;</a>"),
        ("references to a surrogate pair", "<a>&#xD83D;&#xDE00;</a>"),
        ("reference to U+FFFE", "<a>&#xFFFE;</a>"),
        ("reference to U+FFFF", "<a b='&#65535;'/>"),
        ("reference above Unicode", "<a>&#x110000;</a>"),
        ("reference that wraps 32 bits", "<a>&#4294967361;</a>"),
        ("reference that wraps 64 bits", "<a>&#x10000000000000041;</a>"),
        ("decimal reference ending in NUL", "<a>&#65\0;</a>"),
        ("hex reference ending in NUL", "<a b='&#x41\0;'/>"),
        ("decimal reference with sign or separators", "<a>&#+65;</a>"),
        ("decimal reference with inner space", "<a>&# 65;</a>"),
        ("entity name with space inside", "<a>&f oo;</a>"),
        ("entity name with a tag inside", "<a>&f<b/>;</a>"),
        ("entity name with quotes", "<a b='&x\";'/>"),
        ("attribute ending within a reference", "<a b='&am' c='p;'/>"),
        ("CDATA end in text", "<a>]]></a>"),
        ("CDATA end in text behind brackets", "<a>x]]]]></a>"),
        ("CDATA end doubled", "<a><![CDATA[x]]>]]></a>"),
        ("same attribute twice", "<a b='1' b='1'/>"),
        ("same attribute twice among many", "<a " + string.Join(' ', Enumerable.Range(0, 40).Select(i => $"b{i}='{i}'")) + " b0=''/>"),
        ("same attribute by two prefixes", "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>"),
        ("same attribute by two prefixes of other levels", "<a xmlns:p='u'><b p:c='' q:c='' xmlns:q='u'/></a>"),
        ("same attribute by a namespace name with reference", "<a xmlns:p='u' xmlns:q='&#117;' p:b='' q:b=''/>"),
        ("same attribute by a namespace name with line end", "<a xmlns:p='u v' xmlns:q='u\nv' p:b='' q:b=''/>"),
        ("same prefixed attribute twice", "<a xmlns:p='u' p:b='' p:b=''/>"),
        ("default namespace declared twice", "<a xmlns='u' xmlns='u'/>"),
        ("prefix declared twice", "<a xmlns:p='u' xmlns:p='v'/>"),
        ("undeclared prefix of the element", "<p:a/>"),
        ("undeclared prefix of an attribute", "<a p:b=''/>"),
        ("undeclared prefix inside", "<a><b><p:c/></b></a>"),
        ("prefix out of scope behind its element", "<a><b xmlns:p='u'/><p:c/></a>"),
        ("prefix out of scope behind its end tag", "<a><b xmlns:p='u'></b><c p:d=''/></a>"),
        ("prefix that is another's start", "<a xmlns:pq='u'><p:b/></a>"),
        ("prefix undeclared by an empty name", "<a xmlns:p=''/>"),
        ("prefix undeclared inside by an empty name", "<p:a xmlns:p='u'><b xmlns:p=''/></p:a>"),
        ("xml bound to another name", "<a xmlns:xml='u'/>"),
        ("another prefix bound to the name of xml", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>"),
        ("the name of xml as default", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>"),
        ("the name of xml by reference", "<a xmlns:p='&#104;ttp://www.w3.org/XML/1998/namespace'/>"),
        ("xmlns declared", "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>"),
        ("xmlns bound", "<a xmlns:xmlns='u'/>"),
        ("another prefix bound to the name of xmlns", "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>"),
        ("the name of xmlns as default", "<a xmlns='http://www.w3.org/2000/xmlns/'/>"),
        ("xmlns as prefix of an element", "<xmlns:a/>"),
        ("declaration of nothing", "<a xmlns:='u'/>"),
        ("declaration of a name with two colons", "<a xmlns:p:q='u'/>"),
        ("declaration of no name", "<a xmlns:1='u'/>"),
        ("colon first", "<:a/>"),
        ("colon last", "<a:/>"),
        ("colon alone", "<:/>"),
        ("two colons", "<p:b:c xmlns:p='u'/>"),
        ("two colons together", "<p::c xmlns:p='u'/>"),
        ("attribute with colon first", "<a :b=''/>"),
        ("attribute with colon last", "<a b:=''/>"),
        ("attribute with two colons", "<a xmlns:p='u' p:b:c=''/>"),
        ("name beginning with a digit", "<1a/>"),
        ("name beginning with a hyphen", "<-a/>"),
        ("name beginning with a full stop", "<.a/>"),
        ("name beginning with a middle dot", "<·a/>"),
        ("local name beginning with a digit", "<p:1a xmlns:p='u'/>"),
        ("attribute beginning with a digit", "<a 1=''/>"),
        ("dollar in a name", "<a$/>"),
        ("multiplication sign in a name", "<a×/>"),
        ("at sign in an attribute name", "<a b@=''/>"),
        ("U+FEFF in a name", "<a\uFEFF/>"),
        ("supplementary character in a name", "<a\U00010000/>"),
        ("U+2028 as white space", "<a\u2028b=''/>"),
        ("form feed as white space", "<a\fb=''/>"),
    ];

    private static IEnumerable<(string Name, string Xml)> RestrictedContent() =>
    [
        ("comment", "<a><!-- x --></a>"),
        ("comment empty", "<a><!----></a>"),
        ("comment deep inside", "<a><b><c>x<!--y--></c></b></a>"),
        ("processing instruction", "<a><?x y?></a>"),
        ("processing instruction without data", "<a><?x?></a>"),
        ("document type inside", "<a><!DOCTYPE a></a>"),
        ("foreign entity", "<a>&foo;</a>"),
        ("foreign entity in attribute", "<a b='&foo;'/>"),
        ("foreign entity of HTML", "<a>&nbsp;</a>"),
        ("predefined entity in capitals", "<a>&AMP;</a>"),
        ("entity that begins like a predefined one", "<a>&ampx;</a>"),
        ("entity of five letters", "<a>&quote;</a>"),
    ];

    // Both conditions are defensible; what counts is that they are refused.
    private static IEnumerable<(string Name, string Xml)> Unclear() =>
    [
        ("XML declaration inside", "<a><?xml version='1.0'?></a>"),
        ("markup declaration inside", "<a><!ELEMENT a ANY></a>"),
        ("exclamation mark alone", "<a><!></a>"),
        ("exclamation mark and a name", "<a><!x></a>"),
        ("CDATA in small letters", "<a><![cdata[x]]></a>"),
        ("CDATA with space", "<a><![CDATA [x]]></a>"),
        ("CDATA misspelt at the end", "<a><![CDATX[x]]></a>"),
        ("conditional section", "<a><![IGNORE[x]]></a>"),
        ("comment that is none", "<a><!-x--></a>"),
        ("question mark alone", "<a><?></a>"),
        ("question mark and space", "<a><? x?></a>"),
    ];

    private static IEnumerable<(string Name, string Xml, FramingError[] Errors)> BrokenCharacters()
    {
        (string Name, string Bytes)[] utf8 =
        [
            ("overlong NUL", Raw(0xC0, 0x80)),
            ("overlong slash", Raw(0xC0, 0xAF)),
            ("overlong less-than in two bytes", Raw(0xC0, 0xBC)),
            ("overlong two bytes, last", Raw(0xC1, 0xBF)),
            ("overlong three bytes, first", Raw(0xE0, 0x80, 0x80)),
            ("overlong three bytes, last", Raw(0xE0, 0x9F, 0xBF)),
            ("overlong four bytes, first", Raw(0xF0, 0x80, 0x80, 0x80)),
            ("overlong four bytes, last", Raw(0xF0, 0x8F, 0xBF, 0xBF)),
            ("first surrogate", Raw(0xED, 0xA0, 0x80)),
            ("last surrogate", Raw(0xED, 0xBF, 0xBF)),
            ("surrogate pair (CESU-8)", Raw(0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80)),
            ("first above Unicode", Raw(0xF4, 0x90, 0x80, 0x80)),
            ("five-byte form", Raw(0xF8, 0x88, 0x80, 0x80, 0x80)),
            ("F5", Raw(0xF5, 0x80, 0x80, 0x80)),
            ("FE", Raw(0xFE)),
            ("FF", Raw(0xFF)),
            ("continuation alone", Raw(0x80)),
            ("last continuation alone", Raw(0xBF)),
            ("continuation too many", Raw(0xC3, 0xA9, 0xA9)),
            ("two bytes cut", Raw(0xC3)),
            ("three bytes cut after one", Raw(0xE2)),
            ("three bytes cut after two", Raw(0xE2, 0x82)),
            ("four bytes cut after three", Raw(0xF0, 0x9F, 0x98)),
            ("lead byte inside a character", Raw(0xE2, 0xC3, 0xA9)),
            ("Latin-1", Raw(0xE9)),
        ];
        foreach (var (name, bytes) in utf8)
        {
            yield return (name + " in text", $"<a>{bytes}</a>", [InvalidUtf8]);
            yield return (name + " in text after ASCII", $"<a>{new string('x', 70)}{bytes}{new string('x', 70)}</a>", [InvalidUtf8]);
            yield return (name + " in attribute", $"<a b='{bytes}'/>", [InvalidUtf8]);
            yield return (name + " in CDATA", $"<a><![CDATA[{bytes}]]></a>", [InvalidUtf8]);
            yield return (name + " in name", $"<a{bytes}/>", [InvalidUtf8]);
            yield return (name + " in attribute name", $"<a b{bytes}=''/>", [InvalidUtf8]);
        }

        foreach (var c in "\u0000\u0001\u0008\u000B\u000C\u000E\u001F\uFFFE\uFFFF")
        {
            var name = $"U+{(int)c:X4}";
            yield return (name + " in text", $"<a>{c}</a>", [NotWellFormed]);
            yield return (name + " in text after others", $"<a>{new string('x', 70)}é{c}</a>", [NotWellFormed]);
            yield return (name + " in attribute", $"<a b='x{c}'/>", [NotWellFormed]);
            yield return (name + " in CDATA", $"<a><![CDATA[{c}]]></a>", [NotWellFormed]);
            yield return (name + " in name", $"<a{c}/>", [NotWellFormed]);
            yield return (name + " in end tag", $"<a></a{c}>", [NotWellFormed]);
        }

        // What comes first is what broke, in one piece as in many.
        yield return ("U+FFFE before broken UTF-8", $"<a>{Raw(0xEF, 0xBF, 0xBE, 0xD8)}p</a>", [NotWellFormed]);
        yield return ("broken UTF-8 before U+FFFE", $"<a>{Raw(0xC3, 0xEF, 0xBF, 0xBE)}</a>", [InvalidUtf8]);
    }
}
