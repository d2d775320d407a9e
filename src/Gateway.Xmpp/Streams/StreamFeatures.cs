using System.Buffers.Text;
using System.Globalization;
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
            if (reader.Kind == XmlTokenKind.StartTag && reader.Depth == 1 && IsNamed(root, reader.Token, "starttls"u8, XmppNamespaces.Tls))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes the features as a client may see them: without STARTTLS and compression, which the gateway cannot relay
    /// (BOSH-113, WS-040), and with the stanza size that the gateway itself allows (XS-063). All else stays, in its order.
    /// </summary>
    /// <param name="output">Where they go.</param>
    /// <param name="features">The whole checked element with every declaration it needs.</param>
    /// <param name="maxBytes">The gateway's own stanza limit in bytes.</param>
    public static void WriteForClient(PooledByteWriter output, ReadOnlySpan<byte> features, int maxBytes)
    {
        var reader = new XmlTokenReader(features);
        reader.Read();
        var root = reader.Token;
        var rootName = new StartTag(root).Name;
        output.Write(reader.IsEmpty ? root[..^2] : root[..^1]);
        output.Write(">"u8);
        var limited = false;
        while (reader.Read() && !(reader.Kind == XmlTokenKind.EndTag && reader.Depth == 0))
        {
            if (reader.Kind != XmlTokenKind.StartTag)
            {
                output.Write(reader.Token);
                continue;
            }

            var start = reader.Offset;
            var tag = reader.Token;
            reader.Skip();
            if (IsNamed(root, tag, "starttls"u8, XmppNamespaces.Tls) || IsNamed(root, tag, "compression"u8, XmppNamespaces.CompressFeature))
            {
                continue;
            }

            if (IsNamed(root, tag, "limits"u8, "urn:xmpp:stream-limits:0"u8))
            {
                limited = true;
                WriteLimits(output, features[start..reader.End], maxBytes);
                continue;
            }

            output.Write(features[start..reader.End]);
        }

        if (!limited)
        {
            output.Write("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>"u8);
            WriteNumber(output, maxBytes);
            output.Write("</max-bytes></limits>"u8);
        }

        output.Write("</"u8);
        output.Write(rootName);
        output.Write(">"u8);
    }

    private static void WriteLimits(PooledByteWriter output, ReadOnlySpan<byte> limits, int maxBytes)
    {
        var reader = new XmlTokenReader(limits);
        var inMaxBytes = false;
        while (reader.Read())
        {
            if (reader.Kind == XmlTokenKind.StartTag)
            {
                inMaxBytes = reader.Depth == 1 && !reader.IsEmpty && new StartTag(reader.Token).LocalName.SequenceEqual("max-bytes"u8);
            }
            else if (reader.Kind == XmlTokenKind.Text && inMaxBytes && reader.Token.Trim(" \t\r\n"u8) is { IsEmpty: false } digits
                && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            {
                // A number too long for an int is above any limit of ours.
                WriteNumber(output, int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var offered) ? Math.Min(offered, maxBytes) : maxBytes);
                continue;
            }

            output.Write(reader.Token);
        }
    }

    private static void WriteNumber(PooledByteWriter output, int value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(11), out var written);
        output.Advance(written);
    }

    /// <summary>A child of the features has this expanded name; its prefix may be declared on it or on the root.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> root, ReadOnlySpan<byte> child, ReadOnlySpan<byte> localName, ReadOnlySpan<byte> name)
    {
        var tag = new StartTag(child);
        if (!tag.LocalName.SequenceEqual(localName))
        {
            return false;
        }

        return (StartTag.TryFindNamespace(child, tag.Prefix, out var declared) || StartTag.TryFindNamespace(root, tag.Prefix, out declared))
            && declared.SequenceEqual(name);
    }
}
