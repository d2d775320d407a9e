using Gateway.DemoServer.Xml;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.DemoServer.Connections;

/// <summary>What came on a stream.</summary>
/// <param name="Kind">Header, first-level element or close.</param>
/// <param name="Header">Of a header.</param>
/// <param name="Element">Of a first-level element.</param>
/// <param name="ContentNamespace">Of a header: its default namespace is jabber:client (RFC 6120 §4.8.2).</param>
internal sealed record StreamItem(StreamElementKind Kind, StreamHeader? Header = null, Element? Element = null, bool ContentNamespace = false);
