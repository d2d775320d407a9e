using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

public sealed class KnownNamespacesTests
{
    [Theory]
    [InlineData("", KnownNamespace.None)]
    [InlineData("jabber:client", KnownNamespace.Client)]
    [InlineData("jabber:server", KnownNamespace.Server)]
    [InlineData("http://etherx.jabber.org/streams", KnownNamespace.Streams)]
    [InlineData("urn:ietf:params:xml:ns:xmpp-framing", KnownNamespace.Framing)]
    [InlineData("http://jabber.org/protocol/httpbind", KnownNamespace.HttpBind)]
    [InlineData("urn:ietf:params:xml:ns:xmpp-sasl", KnownNamespace.Sasl)]
    [InlineData("urn:xmpp:sasl:2", KnownNamespace.Sasl2)]
    [InlineData("urn:ietf:params:xml:ns:xmpp-tls", KnownNamespace.Tls)]
    [InlineData("urn:xmpp:sm:3", KnownNamespace.StreamManagement)]
    [InlineData("urn:xmpp:sm:2", KnownNamespace.StreamManagement)]
    [InlineData("urn:xmpp:sm:4", KnownNamespace.Other)]
    [InlineData("jabber:clienT", KnownNamespace.Other)]
    [InlineData("jabber:client/", KnownNamespace.Other)]
    [InlineData("http://jabber.org/features/compress", KnownNamespace.Other)]
    [InlineData("x", KnownNamespace.Other)]
    public void Name_IsFound(string name, KnownNamespace expected) => KnownNamespaces.Find(Encoding.UTF8.GetBytes(name)).ShouldBe(expected);
}
