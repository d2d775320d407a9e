using System.Text;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Inputs;

/// <summary>XML of XMPP: examples, what the grammar of the unit tests makes, and shapes that cost.</summary>
internal static class XmlInput
{
    private static readonly string[] Children =
    [
        "<message to='a@example.org' id='1'><body>x</body></message>", "<presence/>", "<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
        "<stream:features xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'><t:starttls/><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes></limits></stream:features>",
        "<stream:features><x:starttls xmlns:x='&#117;rn:ietf:params:xml:ns:xmpp-tls'/><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>99999999999</max-bytes><idle-seconds>3</idle-seconds></limits></stream:features>",
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.0.0.1</see-other-host></stream:error>", "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        "<enabled xmlns='urn:xmpp:sm:3' id='1' location='[2001:db8::1]:5222' resume='true'/>", "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='2'/>", "<failed xmlns='urn:xmpp:sm:3'/>", "<enable xmlns='urn:xmpp:sm:3' resume='1'/>",
        "<success xmlns='urn:xmpp:sasl:2'><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' location = \"a:1\" id='x' resume='1'/></bound></success>",
        "<c:message xmlns:c='jabber:client' c:x='1'><c:body>&lt;&#x1F34C;</c:body></c:message>", "<m><![CDATA[</m>&]]></m>", "<s:features xmlns:s='http://etherx.jabber.org/streams'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind'><message xmlns=''/></body>", "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
    ];

    private static readonly string[] Headers =
    [
        "<?xml version='1.0'?><stream:stream from='example.org' id='s1' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
        "<stream:stream to='example.org' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:p='u'>",
        "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' version='1.0' from='a&amp;b' id='&quot;'>",
        "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' version='1.0' from='a' id='b'>",
    ];

    private static readonly string[] Bodies =
    [
        "<body rid='4000000000' to='example.org' ver='1.6' wait='50' hold='1' xml:lang='en' xmpp:version='1.0' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'>",
        "<body content='text/xml; charset=utf-8' from='user@example.org' hold='2' rid='1573741820' to='example.org' route='xmpp:example.org:9999' ver='1.11' wait='30' ack='1' newkey='ca393b51b682f61f98e7877d61146407f3d0a770' xmlns='http://jabber.org/protocol/httpbind'>",
        "<body rid='4000000001' sid='SID' xmlns='http://jabber.org/protocol/httpbind'>", "<body rid='4000000002' sid='SID' ack='4000000001' key='b11a' pause='60' xmlns='http://jabber.org/protocol/httpbind'>",
        "<body rid='4000000001' sid='SID' type='terminate' xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>",
        "<h:body rid='4000000001' sid='SID' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh' xmlns:h='http://jabber.org/protocol/httpbind' xmlns='jabber:client'>",
        "<body rid='1' to='' hold='0' wait='0' polling='5' inactivity='x' requests='999' report='1' time='2' xmlns='http://jabber.org/protocol/httpbind'>",
    ];

    /// <summary>A stream with a few children.</summary>
    public static byte[] Stream(Random random)
    {
        if (random.Next(3) == 0)
        {
            var (header, children, end) = new XmlDocumentGenerator(random).Stream();
            return Encoding.UTF8.GetBytes(header + string.Concat(children) + end);
        }

        return Encoding.UTF8.GetBytes(Pick(random, Headers) + Payloads(random) + "</stream:stream>");
    }

    /// <summary>A document with one element.</summary>
    public static byte[] Document(Random random) =>
        Encoding.UTF8.GetBytes(random.Next(2) == 0 ? new XmlDocumentGenerator(random).Document() : Child(random));

    /// <summary>The body of a BOSH request.</summary>
    public static byte[] Body(Random random)
    {
        var start = Pick(random, Bodies);
        return Encoding.UTF8.GetBytes((random.Next(10) == 0 ? "\uFEFF \n" : "") + start + Payloads(random) + (start[1] == 'h' ? "</h:body>" : "</body>"));
    }

    /// <summary>One element as it stands on a stream whose header declares the prefix stream.</summary>
    public static string Child(Random random) => random.Next(12) == 0 ? Costly(random) : Pick(random, Children);

    /// <summary>An input of a kind, mostly broken.</summary>
    public static byte[] Broken(Random random, Func<Random, byte[]> make) =>
        random.Next(6) == 0 ? make(random) : Mutator.Mutate(random, make(random), make(random));

    private static string Payloads(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Child(random) + (random.Next(8) == 0 ? " \n" : "")));

    /// <summary>Deep, wide or long.</summary>
    private static string Costly(Random random)
    {
        var count = random.Next(20, 300);
        var numbers = Enumerable.Range(0, count);
        return random.Next(5) switch
        {
            0 => string.Concat(numbers.Select(_ => "<a>")) + string.Concat(numbers.Select(_ => "</a>")),
            1 => "<a" + string.Concat(numbers.Select(n => $" a{n}='{n}'")) + "/>",
            2 => "<a" + string.Concat(numbers.Select(n => $" xmlns:p{n}='urn:{n}' p{n}:x=''")) + "/>",
            3 => $"<{new string('n', count * 5)}/>",
            _ => string.Concat(numbers.Select(n => $"<a xmlns:p{n % 70}='jabber:client' xmlns='urn:{n}'><p{n % 70}:b/>")) + string.Concat(numbers.Select(_ => "</a>")),
        };
    }

    private static string Pick(Random random, string[] items) => items[random.Next(items.Length)];
}
