using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.Xmpp.Framing;

/// <summary>Text between its escaped form on the wire and its value.</summary>
public static class XmlText
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create("<>&'\"\t\n\r"u8);

    /// <summary>The value of an attribute: references resolved, white space normalised (XML 1.0 §3.3.3).</summary>
    /// <param name="raw">Checked text, as it stands between the quotes.</param>
    public static string AttributeValue(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny("&\t\n\r"u8) < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        // XML's line ends only: ReplaceLineEndings knows others (U+0085, U+2028 ...), which are characters here.
        return Resolve(Encoding.UTF8.GetString(raw).Replace("\r\n", " ", StringComparison.Ordinal).Replace('\r', ' ').Replace('\n', ' ').Replace('\t', ' '));
    }

    /// <summary>The value of character data outside CDATA: references resolved, line ends normalised (XML 1.0 §2.11).</summary>
    /// <param name="raw">Checked text.</param>
    public static string TextValue(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw);
        if (text.Contains('\r', StringComparison.Ordinal))
        {
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        }

        return Resolve(text);
    }

    /// <summary>Writes a value so that it is safe in text and between either quotes.</summary>
    public static void WriteEscaped(PooledByteWriter output, string value) => WriteEscaped(output, Encoding.UTF8.GetBytes(value));

    /// <summary>Writes a value (UTF-8) so that it is safe in text and between either quotes.</summary>
    public static void WriteEscaped(PooledByteWriter output, ReadOnlySpan<byte> value)
    {
        while (true)
        {
            var at = value.IndexOfAny(Escaped);
            if (at < 0)
            {
                output.Write(value);
                return;
            }

            output.Write(value[..at]);
            output.Write(value[at] switch
            {
                (byte)'<' => "&lt;"u8,
                (byte)'>' => "&gt;"u8,
                (byte)'&' => "&amp;"u8,
                (byte)'\'' => "&apos;"u8,
                (byte)'"' => "&quot;"u8,
                (byte)'\t' => "&#9;"u8,
                (byte)'\n' => "&#10;"u8,
                _ => "&#13;"u8,
            });
            value = value[(at + 1)..];
        }
    }

    /// <summary>Writes an attribute, or nothing when it has no value.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="start">All up to the value, such as <c> to='</c>; its last byte is the quote, and ends the value too.</param>
    /// <param name="value">The value; null for no attribute.</param>
    public static void WriteAttribute(PooledByteWriter output, ReadOnlySpan<byte> start, string? value)
    {
        if (value is not null)
        {
            output.Write(start);
            WriteEscaped(output, value);
            output.Write(start[^1..]);
        }
    }

    private static string Resolve(string text)
    {
        if (!text.Contains('&', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (true)
        {
            var at = rest.IndexOf('&');
            if (at < 0)
            {
                return result.Append(rest).ToString();
            }

            result.Append(rest[..at]);
            var end = rest[at..].IndexOf(';') + at;
            var name = rest[(at + 1)..end];
            result.Append(name switch
            {
                "lt" => "<",
                "gt" => ">",
                "amp" => "&",
                "apos" => "'",
                "quot" => "\"",
                _ => char.ConvertFromUtf32(name[1] == 'x'
                    ? int.Parse(name[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : int.Parse(name[1..], NumberStyles.None, CultureInfo.InvariantCulture)),
            });
            rest = rest[(end + 1)..];
        }
    }
}
