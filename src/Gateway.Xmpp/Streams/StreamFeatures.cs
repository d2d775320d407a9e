using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>Looks into <c>stream:features</c>: the one element of a backend that does not pass untouched (XS-018).</summary>
public static class StreamFeatures
{
    /// <summary>The features offer STARTTLS.</summary>
    /// <param name="features">The whole checked element with every declaration it needs.</param>
    public static bool OffersStartTls(ReadOnlySpan<byte> features)
    {
        var reader = new XmlTokenReader(features);
        reader.Read();
        var root = reader.Token;
        while (reader.Read())
        {
            if (reader.Kind == XmlTokenKind.StartTag && reader.Depth == 1 && new StartTag(reader.Token).LocalName.SequenceEqual("starttls"u8)
                && StartTag.IsIn(XmppNamespaces.Tls, reader.Token, root))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes the features as a client may see them: without STARTTLS and compression, which the gateway cannot relay
    /// (BOSH-113, WS-040), with the stanza size that the gateway itself allows (XS-063), and without what the rules keep back.
    /// All else stays, in its order (XS-018).
    /// </summary>
    /// <param name="output">Where they go.</param>
    /// <param name="features">The whole checked element with every declaration it needs.</param>
    /// <param name="rules">What is kept back.</param>
    /// <param name="maxBytes">The gateway's own stanza limit in bytes.</param>
    /// <returns>The backend offers channel binding: a mechanism that ends in -PLUS, or types (EDGE-004).</returns>
    public static bool WriteForClient(PooledByteWriter output, ReadOnlySpan<byte> features, StreamFeaturesRules rules, int maxBytes)
    {
        var writer = new StreamFeaturesWriter(output, features, rules, maxBytes);
        writer.Write();
        return writer.OffersChannelBinding;
    }
}
