using Gateway.Xmpp.Framing;
using static Gateway.Xmpp.Framing.FramingError;
using static Gateway.Xmpp.Tests.Framing.FramerFixture;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>What stands around elements: declaration, root, text between, end.</summary>
internal static class LevelFixtures
{
    private const string Laughs = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;&lol;'><!ENTITY lol3 '&lol2;&lol2;&lol2;&lol2;'>]><lolz>&lol3;</lolz>";

    public static IEnumerable<FramerFixture> All =>
    [
        // XS-009, WS-025, BOSH-021
        .. Both("declaration", "<?xml version='1.0'?>{0}"),
        .. Both("declaration with double quotes", "<?xml version=\"1.0\"?>{0}"),
        .. Both("declaration and line end", "<?xml version='1.0'?>\r\n{0}"),
        .. Both("declaration with white space of all kinds", "<?xml \t version\n=\r'1.0' \t?> \t\r\n{0}"),
        .. Both("declaration with encoding", "<?xml version='1.0' encoding='UTF-8'?>{0}"),
        .. Both("declaration with encoding in small letters", "<?xml version='1.0' encoding=\"utf-8\"?>{0}"),
        .. Both("declaration with encoding in mixed letters", "<?xml version='1.0' encoding='Utf-8' ?>{0}"),
        .. Both("declaration with another encoding", "<?xml version='1.0' encoding='ISO-8859-1'?>{0}", UnsupportedEncoding),
        .. Both("declaration with UTF-16", "<?xml version='1.0' encoding='UTF-16'?>{0}", UnsupportedEncoding),
        .. Both("declaration with UTF8 misspelt", "<?xml version='1.0' encoding='UTF8'?>{0}", UnsupportedEncoding),
        .. Both("declaration with an encoding that begins like UTF-8", "<?xml version='1.0' encoding='UTF-80'?>{0}", UnsupportedEncoding),
        .. Both("declaration of version 1.1", "<?xml version='1.1'?>{0}", NotWellFormed, BadFormat, RestrictedXml),
        .. Both("declaration of version 2", "<?xml version='2'?>{0}", NotWellFormed, BadFormat, RestrictedXml),
        .. Both("declaration without version", "<?xml encoding='UTF-8'?>{0}", NotWellFormed),
        .. Both("declaration empty", "<?xml?>{0}", NotWellFormed, RestrictedXml),
        .. Both("declaration with encoding first", "<?xml encoding='UTF-8' version='1.0'?>{0}", NotWellFormed),
        .. Both("declaration with version twice", "<?xml version='1.0' version='1.0'?>{0}", NotWellFormed),
        .. Both("declaration with something else", "<?xml version='1.0' x='y'?>{0}", NotWellFormed),
        .. Both("declaration without space", "<?xml version='1.0'encoding='UTF-8'?>{0}", NotWellFormed),
        .. Both("declaration with unlike quotes", "<?xml version='1.0\"?>{0}", NotWellFormed),
        .. Both("declaration with wrong end", "<?xml version='1.0'>{0}" + new string('x', 300), NotWellFormed),
        .. Both("declaration with standalone", "<?xml version='1.0' standalone='yes'?>{0}", NotWellFormed, RestrictedXml, BadFormat),
        .. Both("declaration with encoding and standalone", "<?xml version='1.0' encoding='UTF-8' standalone='no'?>{0}", NotWellFormed, RestrictedXml, BadFormat),
        .. Both("declaration with empty encoding", "<?xml version='1.0' encoding=''?>{0}", NotWellFormed, UnsupportedEncoding),
        .. Both("declaration twice", "<?xml version='1.0'?><?xml version='1.0'?>{0}", NotWellFormed, RestrictedXml),
        .. Both("declaration in capitals", "<?XML version='1.0'?>{0}", NotWellFormed, RestrictedXml),
        .. Both("declaration and text", "<?xml version='1.0'?>x{0}", BadFormat),
        .. Both("declaration with broken UTF-8", "<?xml version='1.0" + Raw(0xFF) + "'?>{0}", NotWellFormed, InvalidUtf8),

        // RFC 6120 §11.1
        .. Both("stylesheet instruction", "<?xml-stylesheet href='x'?>{0}", RestrictedXml),
        .. Both("processing instruction before the root", "<?x?>{0}", RestrictedXml),
        .. Both("comment before the root", "<!-- x -->{0}", RestrictedXml),
        .. Both("comment behind the declaration", "<?xml version='1.0'?><!-- x -->{0}", RestrictedXml),
        .. Both("document type", "<!DOCTYPE a>{0}", RestrictedXml),
        .. Both("document type behind the declaration", "<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'>{0}", RestrictedXml),
        Document("billion laughs", Laughs, RestrictedXml),
        Stream("billion laughs", Laughs, RestrictedXml),

        // Before the root
        .. Both("text before the root", "x{0}", BadFormat),
        .. Both("reference before the root", "&amp;{0}", BadFormat),
        .. Both("U+FEFF before the root", "\uFEFF{0}", BadFormat),
        .. Both("UTF-16 byte order mark", Raw(0xFF, 0xFE) + "{0}", BadFormat, InvalidUtf8),
        .. Both("NUL before the root", "\0{0}", BadFormat, NotWellFormed),
        .. Both("end tag before the root", "</a>{0}", NotWellFormed, BadFormat),
        .. Both("CDATA before the root", "<![CDATA[x]]>{0}", BadFormat, NotWellFormed, RestrictedXml),
        Document("white space before the root", " <a/>", BadFormat),
        Document("line end before the root", "\n<a/>", BadFormat),
        Document("white space alone", " ", BadFormat),

        // Documents: one root only (RFC 7395 §3.3.3)
        Document("nothing", ""),
        Document("white space behind the root", "<a/> \t\r\n "),
        Document("white space behind an end tag", "<a></a>\n"),
        Document("second root", "<a/><b/>", BadFormat),
        Document("second root behind white space", "<a/> <b/>", BadFormat),
        Document("text behind the root", "<a/>x", BadFormat),
        Document("reference behind the root", "<a/>&#32;", BadFormat),
        Document("CDATA behind the root", "<a/><![CDATA[]]>", BadFormat, NotWellFormed, RestrictedXml),
        Document("end tag behind the root", "<a></a></a>", BadFormat, NotWellFormed),
        Document("comment behind the root", "<a/><!-- x -->", BadFormat, RestrictedXml),
        Document("processing instruction behind the root", "<a/><?x?>", BadFormat, RestrictedXml),
        Document("declaration behind the root", "<a/><?xml version='1.0'?>", BadFormat, RestrictedXml, NotWellFormed),
        Document("broken UTF-8 behind the root", "<a/>" + Raw(0xFF), BadFormat, InvalidUtf8),
        Document("NUL behind the root", "<a/>\0", BadFormat, NotWellFormed),

        // Streams
        Stream("header", Header),
        Stream("header of two quotes", "<stream:stream to=\"x\" xmlns:stream=\"http://etherx.jabber.org/streams\" xmlns='jabber:client'>"),
        Stream("prefix-free header", "<stream xmlns='http://etherx.jabber.org/streams'><message xmlns='jabber:client'/><features/></stream>"),
        Stream("other prefix", "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'><s:features/><message/></s:stream>"),
        Stream("white space and several elements", Header + " <a/>\n<b>x</b>\t\r\n<c></c> </stream:stream>"),
        Stream("close with white space", Header + "</stream:stream \n>"),
        Stream("white space behind the close", Header + "</stream:stream>\n"),
        Stream("empty root", "<body xmlns='http://jabber.org/protocol/httpbind' rid='1'/>"),
        Stream("body", "<body xmlns='http://jabber.org/protocol/httpbind' rid='1'>\n <message/>\n <p:iq xmlns:p='jabber:client'/></body>\n"),
        Stream("text between elements", Header + "<a/>x<b/>", BadFormat),
        Stream("text behind white space", Header + " x", BadFormat),
        Stream("reference between elements", Header + "&#32;", BadFormat),
        Stream("foreign entity between elements", Header + "&foo;", BadFormat, RestrictedXml),
        Stream("CDATA between elements", Header + "<![CDATA[ ]]>", BadFormat, RestrictedXml),
        Stream("comment between elements", Header + "<a/><!-- x -->", RestrictedXml),
        Stream("processing instruction between elements", Header + "<?x?>", RestrictedXml),
        Stream("declaration between elements", Header + "<?xml version='1.0'?>", RestrictedXml, NotWellFormed),
        Stream("document type between elements", Header + "<!DOCTYPE a>", RestrictedXml),
        Stream("U+FEFF between elements", Header + "<a/>\uFEFF<b/>", BadFormat),
        Stream("broken UTF-8 between elements", Header + Raw(0xFF), BadFormat, InvalidUtf8),
        Stream("NUL between elements", Header + "\0", BadFormat, NotWellFormed),
        Stream("wrong close", Header + "</stream:strean>", NotWellFormed),
        Stream("close with another prefix", Header + "</stream>", NotWellFormed),
        Stream("close crossed with an element", Header + "<a></stream:stream>", NotWellFormed),
        Stream("element behind the close", Header + "</stream:stream><a/>", BadFormat, NotWellFormed),
        Stream("text behind the close", Header + "</stream:stream>x", BadFormat, NotWellFormed),
        Stream("second header behind the close", Header + "</stream:stream>" + Header, BadFormat, NotWellFormed),
        Stream("element behind an empty root", "<a/><b/>", BadFormat, NotWellFormed),
        Stream("header with undeclared prefix", "<stream:stream xmlns='jabber:client'>", NotWellFormed),
        Stream("header with foreign entity", "<stream:stream to='&foo;' xmlns:stream='http://etherx.jabber.org/streams'>", RestrictedXml),
        Stream("header with attribute twice", "<a b='' b=''>", NotWellFormed),
        Stream("prefix of a sibling", Header + "<a xmlns:p='u'/><p:b/>", NotWellFormed),
    ];

    private static IEnumerable<FramerFixture> Both(string name, string format, params FramingError[] errors) =>
    [
        Document(name, format.Replace("{0}", "<a/>", StringComparison.Ordinal), errors),
        Stream(name, format.Replace("{0}", Header + "<a/>", StringComparison.Ordinal), errors),
    ];

    private static FramerFixture Document(string name, string xml, params FramingError[] errors) =>
        new("document level: " + name, FramerMode.Document, Bytes(xml), errors);

    private static FramerFixture Stream(string name, string xml, params FramingError[] errors) =>
        new("stream level: " + name, FramerMode.Stream, Bytes(xml), errors);
}
