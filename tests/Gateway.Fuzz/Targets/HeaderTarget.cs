using System.Text;
using System.Xml;
using System.Xml.Linq;
using Gateway.Fuzz.Inputs;
using Gateway.Xmpp;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Targets;

/// <summary>What is read and changed of a backend's stream: header, features, stream management. A second look, by LINQ to XML, has to find the same.</summary>
internal sealed class HeaderTarget : ParserTarget
{
    private const int MaxBytes = 65536;
    private static readonly XNamespace Limits = "urn:xmpp:stream-limits:0";
    private static readonly XName StartTls = XName.Get("starttls", Encoding.UTF8.GetString(XmppNamespaces.Tls));
    private static readonly XName Compression = XName.Get("compression", Encoding.UTF8.GetString(XmppNamespaces.CompressFeature));
    private static readonly string[] Management = ["urn:xmpp:sm:2", "urn:xmpp:sm:3"];

    /// <inheritdoc/>
    public override string Name => "header";

    /// <inheritdoc/>
    public override byte[] Generate(Random random) => XmlInput.Broken(random, XmlInput.Stream);

    /// <summary>The attributes are what System.Xml reads.</summary>
    internal static void CheckHeader(StreamHeader header, XmlReader reader)
    {
        header.To.ShouldBe(reader.GetAttribute("to"));
        header.From.ShouldBe(reader.GetAttribute("from"));
        header.Id.ShouldBe(reader.GetAttribute("id"));
        header.Version.ShouldBe(reader.GetAttribute("version"));
        header.Lang.ShouldBe(reader.GetAttribute("xml:lang"));
    }

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        var run = FramerDriver.Run(FramerMode.Stream, FramingLimits.Default, input);
        foreach (var piece in run.Pieces)
        {
            if (piece.Element.Kind == StreamElementKind.StreamHeader)
            {
                CheckHeader(piece);
            }
            else if (piece.Element.Kind == StreamElementKind.FirstLevelElement && !XmlReaderOracle.Judge(Encoding.UTF8.GetBytes(RebaseOracle.Write(piece, run.Scope, RebaseTarget.Message))).HasQuirk)
            {
                CheckFeatures(piece, run.Scope);
                CheckManagement(piece, run.Scope);
            }
        }
    }

    private static void CheckHeader(FramedPiece piece)
    {
        var header = StreamHeader.Parse(piece.Element, piece.Bytes);
        var tag = Encoding.UTF8.GetString(piece.Bytes, piece.Element.Offset, piece.Element.TagLength);
        if (!tag.Contains("xml:space", StringComparison.Ordinal))
        {
            var end = piece.Element.IsEmpty ? "" : $"</{Encoding.UTF8.GetString(piece.Bytes, piece.Element.Offset + 1, piece.Element.NameLength)}>";
            using var reader = XmlReader.Create(new StringReader(tag + end), XmlReaderOracle.Settings);
            reader.MoveToContent();
            CheckHeader(header, reader);
            header.IsStream.ShouldBe(reader.NamespaceURI == Infoset.Streams && reader.LocalName == "stream");
        }

        using var output = new PooledByteWriter();
        XmppStreamWriter.WriteHeader(output, header);
        var again = new XmppFramer(FramerMode.Stream, FramingLimits.Default).Read(output.WrittenSpan);
        StreamHeader.Parse(again, output.WrittenSpan).ShouldBe(header with { Version = header.Version ?? "1.0", IsStream = true });
    }

    private static void CheckFeatures(FramedPiece piece, NamespaceScope scope)
    {
        var features = RebaseOracle.Write(piece, scope, RebaseTarget.Message);
        var before = XElement.Parse(features, LoadOptions.PreserveWhitespace);
        StreamFeatures.OffersStartTls(Encoding.UTF8.GetBytes(features)).ShouldBe(before.Elements(StartTls).Any(), features);
        using var output = new PooledByteWriter();
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(features), new StreamFeaturesRules { AllowsMechanism = _ => true }, MaxBytes);
        var written = Encoding.UTF8.GetString(output.WrittenSpan);
        var after = XElement.Parse(written, LoadOptions.PreserveWhitespace);
        after.Elements().Any(e => e.Name == StartTls || e.Name == Compression).ShouldBeFalse(written);
        Others(after).ShouldBe(Others(before), written);
        after.Elements(Limits + "limits").ShouldNotBeEmpty(written);
        foreach (var number in after.Elements(Limits + "limits").Elements().Where(e => e.Name.LocalName == "max-bytes" && !e.Nodes().Any(n => n is XCData or XElement)))
        {
            // A reference among the digits makes no number of them, and is left as it stands.
            if (int.TryParse(number.Value, System.Globalization.CultureInfo.InvariantCulture, out var most) && !written.Contains("&#", StringComparison.Ordinal))
            {
                most.ShouldBeLessThanOrEqualTo(MaxBytes, written);
            }
        }
    }

    private static IEnumerable<string> Others(XElement features) =>
        features.Elements().Where(e => e.Name != StartTls && e.Name != Compression && e.Name != Limits + "limits").Select(e => e.ToString(SaveOptions.DisableFormatting));

    private static void CheckManagement(FramedPiece piece, NamespaceScope scope)
    {
        var before = XElement.Parse(RebaseOracle.Write(piece, scope, RebaseTarget.Message), LoadOptions.PreserveWhitespace);
        using var output = new PooledByteWriter();
        StreamManagement.Write(output, piece.Bytes, piece.Element, scope, RebaseTarget.Message);
        var written = Encoding.UTF8.GetString(output.WrittenSpan);
        var after = XElement.Parse(written, LoadOptions.PreserveWhitespace);
        var grants = false;
        foreach (var answer in Answers(before))
        {
            answer.Attribute("location")?.Remove();
            grants |= answer.Attribute("id") is not null && answer.Attribute("resume")?.Value is "true" or "1";
        }

        grants |= Resumed(before);
        after.ToString(SaveOptions.DisableFormatting).ShouldBe(before.ToString(SaveOptions.DisableFormatting), written);
        StreamManagement.GrantsResumption(piece.Element, piece.Bytes, scope).ShouldBe(grants, piece.Text);
    }

    private static bool IsManagement(XElement element) => Management.Contains(element.Name.NamespaceName);

    private static bool IsSuccess(XElement element) => element.Name.LocalName == "success" && element.Name.NamespaceName == Encoding.UTF8.GetString(XmppNamespaces.Sasl2);

    private static IEnumerable<XElement> Answers(XElement root) =>
        (IsSuccess(root) ? root.Elements().Where(e => e.Name.LocalName == "bound").Elements() : [root]).Where(e => e.Name.LocalName == "enabled" && IsManagement(e));

    private static bool Resumed(XElement root) =>
        (IsSuccess(root) ? root.Elements() : [root]).Any(e => e.Name.LocalName == "resumed" && IsManagement(e));
}
