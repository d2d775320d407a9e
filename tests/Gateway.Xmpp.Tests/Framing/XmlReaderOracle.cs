using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>What System.Xml says of a document.</summary>
/// <param name="Accepts">It is namespace-well-formed, document types apart.</param>
/// <param name="HasForbidden">A comment or a processing instruction was met before it ended or broke.</param>
/// <param name="HasQuirk">It holds something where System.Xml departs from the recommendations.</param>
/// <param name="Message">Why not.</param>
internal sealed partial record XmlReaderOracle(bool Accepts, bool HasForbidden, bool HasQuirk, string Message)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static XmlReaderSettings Settings => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        ConformanceLevel = ConformanceLevel.Document,
        CheckCharacters = true,
        XmlResolver = null,
    };

    public static XmlReaderOracle Judge(byte[] input)
    {
        string text;
        try
        {
            // As text: of bytes it would guess an encoding from the first four.
            text = Strict.GetString(input);
        }
        catch (DecoderFallbackException exception)
        {
            return new XmlReaderOracle(false, false, false, exception.Message);
        }

        var forbidden = false;

        // Attribute values of xml:space are checked, although no document type is read (XML 1.0 §2.10 leaves it to validity);
        // of the version only the beginning is compared, so that 1.0! passes (XML 1.0 §2.8).
        var quirk = text.Contains("xml:space", StringComparison.Ordinal) || LongVersion().IsMatch(text);
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            while (reader.Read())
            {
                forbidden |= reader.NodeType is XmlNodeType.Comment or XmlNodeType.ProcessingInstruction;

                // Namespaces in XML §3: element names must not have the prefix xmlns; System.Xml takes them.
                quirk |= reader.NodeType == XmlNodeType.Element && reader.Prefix == "xmlns";
            }

            return new XmlReaderOracle(true, forbidden, quirk, "");
        }
        catch (XmlException exception)
        {
            return new XmlReaderOracle(false, forbidden, quirk, exception.Message);
        }
    }

    /// <summary>The framer says the same, but for what restricted XML forbids and what System.Xml gets wrong.</summary>
    public bool AgreesWith(FramedRun run, bool isTaken, byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        return run.Error switch
        {
            _ when HasQuirk => true,
            _ when isTaken => Accepts && !HasForbidden,
            FramingError.None => !Accepts,

            // RFC 6120 §11.1: comments and instructions are the only well-formed documents among these; a standalone declaration is BOSH-021's.
            FramingError.RestrictedXml => !Accepts || HasForbidden || text.Contains("standalone", StringComparison.Ordinal),

            // RFC 7395 §3.3.3: a message begins with '<'. XmlReader allows white space there, and skips U+FEFF.
            FramingError.BadFormat => !Accepts || HasForbidden || text[0] is ' ' or '\t' or '\r' or '\n' or '\u00EF',
            FramingError.UnsupportedEncoding => text.Contains("encoding", StringComparison.Ordinal),
            FramingError.TooBig or FramingError.TooDeep or FramingError.TooManyParts => false,

            // A declaration has its own bound, which XmlReader has not.
            FramingError.NotWellFormed when text.StartsWith("<?xml", StringComparison.Ordinal) && text.IndexOf("?>", StringComparison.Ordinal) > 254 => true,
            _ => !Accepts,
        };
    }

    [GeneratedRegex("""^<\?xml\s+version\s*=\s*['"]1\.0[^'"]""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LongVersion();
}
