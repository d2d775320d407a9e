using System.Text;
using System.Xml;
using Gateway.Core.Bosh;
using Gateway.Fuzz.Inputs;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Targets;

/// <summary>BOSH bodies both ways: what is taken is XML, attributes are what System.Xml reads, payloads keep their meaning, answers are XML.</summary>
internal sealed class BodyTarget : ParserTarget
{
    /// <inheritdoc/>
    public override string Name => "body";

    /// <inheritdoc/>
    public override byte[] Generate(Random random) => XmlInput.Broken(random, XmlInput.Body);

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        var parser = new BoshBodyParser();
        var isTag = parser.TryReadTag(input, FramingLimits.Default, out var body);
        if (!isTag)
        {
            CheckPieces(input, isRefused: true, null);
            return;
        }

        using var output = new PooledByteWriter();
        List<BoshPayload> payloads = [];
        var isTaken = parser.ReadPayloads(input, FramingLimits.Default, output, payloads);
        payloads.Sum(p => p.Length).ShouldBe(output.WrittenCount);
        parser.Error.ShouldBe(isTaken ? FramingError.None : parser.Error);
        CheckPieces(input, !isTaken, body);
        if (isTaken)
        {
            CheckTaken(input, body, output.WrittenSpan, payloads);
        }

        CheckAnswer(body);
    }

    /// <summary>The tag found piece by piece is the one found at once, and nothing is refused on its way that is taken whole.</summary>
    private static void CheckPieces(byte[] input, bool isRefused, BoshBody? body)
    {
        var parser = new BoshBodyParser();
        foreach (var cut in InputSeed.Cuts(InputSeed.Numbers(input), input.Length))
        {
            if (parser.TryReadTag(input.AsSpan(0, cut), FramingLimits.Default, out var early))
            {
                early.ShouldBe(body);
            }
            else
            {
                (parser.Error == FramingError.None || isRefused).ShouldBeTrue(parser.Error.ToString());
            }
        }
    }

    private static void CheckTaken(byte[] input, BoshBody body, ReadOnlySpan<byte> bytes, List<BoshPayload> payloads)
    {
        var document = input.AsSpan().StartsWith("\uFEFF"u8) ? input[3..] : input;
        document = [.. document.AsSpan().TrimStart(" \t\r\n"u8)];
        var oracle = XmlReaderOracle.Judge(document);
        if (oracle.HasQuirk)
        {
            return;
        }

        (oracle.Accepts && !oracle.HasForbidden).ShouldBeTrue(oracle.Message);
        FramerTarget.CheckStream(document);
        var run = FramerDriver.Run(FramerMode.Stream, FramingLimits.Default, document);
        var rebased = run.Pieces.Where(p => p.Element.Kind == StreamElementKind.FirstLevelElement).Select(p => RebaseOracle.Write(p, run.Scope, RebaseTarget.Stream)).ToList();
        Encoding.UTF8.GetString(bytes).ShouldBe(string.Concat(rebased));
        payloads.Select(p => p.Length).ShouldBe(rebased.Select(Encoding.UTF8.GetByteCount));
        foreach (var payload in rebased)
        {
            using var bounce = new PooledByteWriter();
            if (UndeliverableStanzas.Bounce(bounce, Encoding.UTF8.GetBytes(payload)))
            {
                Infoset.Root(Encoding.UTF8.GetString(bounce.WrittenSpan));
            }
        }

        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(document)), XmlReaderOracle.Settings);
        reader.MoveToContent();
        (reader.LocalName, reader.NamespaceURI).ShouldBe(("body", Infoset.HttpBind));
        body.Sid.ShouldBe(reader.GetAttribute("sid"));
        body.To.ShouldBe(reader.GetAttribute("to"));
        body.From.ShouldBe(reader.GetAttribute("from"));
        body.Content.ShouldBe(reader.GetAttribute("content"));
        body.Key.ShouldBe(reader.GetAttribute("key"));
        body.NewKey.ShouldBe(reader.GetAttribute("newkey"));
        body.Lang.ShouldBe(reader.GetAttribute("xml:lang"));
        body.XmppVersion.ShouldBe(reader.GetAttribute("version", "urn:xmpp:xbosh"));
        (body.Rid ?? 1).ShouldBeInRange(1, BoshBody.MaxRid);
        (body.Rid is not null || body.Malformed.HasFlag(BoshAttributes.Rid) || reader.GetAttribute("rid") is null).ShouldBeTrue();
    }

    /// <summary>What a session would answer to its creation.</summary>
    private static void CheckAnswer(BoshBody body)
    {
        if (body.Rid is null || !BoshTerms.TryNegotiate(body, body.Sid ?? "SID", body.To ?? "example.org", new BoshOptions(), out var terms))
        {
            return;
        }

        using var output = new PooledByteWriter();
        BoshBodyWriter.WriteStart(
            output,
            new BoshResponseAttributes
            {
                Creation = new BoshCreation(terms.Sid, (int)terms.Wait.TotalSeconds, terms.Requests, terms.Hold, 1, 2, 3, terms.Ver, terms.Domain),
                Ack = body.Ack ?? 0,
                AuthId = body.Key,
                XmppVersion = body.XmppVersion,
                DeclaresStream = true,
            },
            isEmpty: true);
        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(output.WrittenSpan)), XmlReaderOracle.Settings);
        reader.MoveToContent();
        reader.GetAttribute("sid").ShouldBe(terms.Sid);
        reader.GetAttribute("from").ShouldBe(terms.Domain);
        reader.GetAttribute("authid").ShouldBe(body.Key);
        (terms.Requests > 0 && terms.Hold <= terms.Requests).ShouldBeTrue();
    }
}
