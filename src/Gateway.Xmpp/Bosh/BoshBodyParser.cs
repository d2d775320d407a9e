using System.Globalization;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Bosh;

/// <summary>
/// Reads one request body in two steps, so that the session (and its limits) can be looked up in between: the start tag
/// with its attributes, then the payloads, rebased for the stream to the backend. When the second step fails the first one's
/// result still stands (BOSH-103). Reusable; holds nothing of a body that matters once the next one is begun.
/// </summary>
public sealed class BoshBodyParser
{
    private readonly XmppFramer _framer = new(FramerMode.Stream, FramingLimits.Default);
    private int _position;
    private bool _closed;
    private FramingError _prologError;

    /// <summary>What broke; <see cref="FramingError.None"/> while nothing did.</summary>
    public FramingError Error { get; private set; }

    /// <summary>
    /// First step. False with <see cref="Error"/> None: the tag is not complete yet, call again with more of the same body.
    /// False with an error: no tag that could be tied to a session. What is refused before a tag that can be read is the second
    /// step's error.
    /// </summary>
    /// <param name="document">The body from its first byte.</param>
    /// <param name="limits">Bounds of the tag.</param>
    /// <param name="body">The attributes.</param>
    public bool TryReadTag(ReadOnlySpan<byte> document, FramingLimits limits, out BoshBody body)
    {
        _framer.Reset();
        _framer.Limits = limits;
        _closed = false;
        Error = _prologError = FramingError.None;
        body = null!;

        // BOSH-021: white space may come first. U+FEFF may not: it is a character (XS-064, RFC 6120 §11.6).
        _position = 0;
        while (true)
        {
            var element = _framer.Read(document[_position..]);
            switch (element.Kind)
            {
                case StreamElementKind.Whitespace:
                    _position += element.End;
                    continue;
                case StreamElementKind.StreamHeader:
                    var rest = document[_position..];
                    if (element.Namespace != KnownNamespace.HttpBind || !element.LocalName(rest).SequenceEqual("body"u8))
                    {
                        Error = FramingError.BadFormat;
                        return false;
                    }

                    body = ReadAttributes(rest.Slice(element.Offset, element.TagLength), _framer.Scope);
                    _position += element.End;
                    return true;
                case StreamElementKind.None:
                    return false;
                default:
                    Error = _prologError == FramingError.None ? _framer.Error : _prologError;
                    if (_prologError == FramingError.None && FindTag(document[_position..]) is var tag and > 0)
                    {
                        // BOSH-103: the session that it names ends with this request instead of waiting for its rid.
                        _prologError = Error;
                        Error = FramingError.None;
                        _position += tag;
                        _framer.Reset();
                        continue;
                    }

                    return false;
            }
        }
    }

    /// <summary>Where the first start tag begins, behind whatever else precedes it; -1: nowhere.</summary>
    private static int FindTag(ReadOnlySpan<byte> document)
    {
        var at = 0;
        while (document[at..].IndexOf((byte)'<') is var next and >= 0)
        {
            at += next;
            var rest = document[at..];
            var end = rest switch
            {
                _ when rest.StartsWith("<!--"u8) => rest.IndexOf("-->"u8),
                _ when rest.StartsWith("<?"u8) => rest.IndexOf("?>"u8),
                _ when rest.StartsWith("<!"u8) => rest.IndexOf((byte)'>'),
                _ => -1,
            };
            if (end < 0)
            {
                return rest.Length > 1 && rest[1] is not ((byte)'!' or (byte)'?') ? at : -1;
            }

            at += end + 1;
        }

        return -1;
    }

    /// <summary>Second step, over the whole body. False: <see cref="Error"/> says why.</summary>
    /// <param name="document">The complete body that the first step saw.</param>
    /// <param name="limits">Bounds of each payload.</param>
    /// <param name="output">Takes the payloads as they must stand on the stream to the backend.</param>
    /// <param name="payloads">Takes one entry a payload.</param>
    public bool ReadPayloads(ReadOnlySpan<byte> document, FramingLimits limits, PooledByteWriter output, List<BoshPayload> payloads)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(payloads);
        if (_prologError != FramingError.None)
        {
            Error = _prologError;
            return false;
        }

        _framer.Limits = limits;
        var rest = document[_position..];
        while (true)
        {
            var element = _framer.Read(rest);
            switch (element.Kind)
            {
                case StreamElementKind.FirstLevelElement:
                    var start = output.WrittenCount;
                    NamespaceRebaser.Write(output, rest, element, _framer.Scope, RebaseTarget.Stream);
                    payloads.Add(new BoshPayload(output.WrittenCount - start, BoshPayload.Classify(element, rest)));
                    break;
                case StreamElementKind.Whitespace:
                    break;
                case StreamElementKind.StreamClose:
                    _closed = true;
                    break;
                case StreamElementKind.None when _closed && rest.IsEmpty:
                    return true;
                default:
                    Error = element.Kind == StreamElementKind.Error ? _framer.Error : FramingError.NotWellFormed;
                    return false;
            }

            rest = rest[element.End..];
        }
    }

    private static BoshBody ReadAttributes(ReadOnlySpan<byte> startTag, NamespaceScope scope)
    {
        var body = new BoshBody();
        var tag = new StartTag(startTag);
        while (tag.TryRead(out var attribute))
        {
            var name = attribute.Name;
            var raw = attribute.RawValue;
            if (attribute.IsDefaultDeclaration || attribute.IsPrefixDeclaration)
            {
                continue;
            }

            var colon = name.IndexOf((byte)':');
            if (colon >= 0)
            {
                ReadPrefixed(body, name[..colon], name[(colon + 1)..], raw, scope);
                continue;
            }

            switch (name)
            {
                case var n when n.SequenceEqual("rid"u8):
                    body.Rid = Number(raw, 1, BoshBody.MaxRid, body, BoshAttributes.Rid);
                    break;
                case var n when n.SequenceEqual("sid"u8):
                    body.Sid = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("to"u8):
                    body.To = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("from"u8):
                    body.From = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("ver"u8):
                    body.Ver = Version(raw);
                    break;
                case var n when n.SequenceEqual("wait"u8):
                    body.Wait = (int?)Number(raw, 0, 65535, body, BoshAttributes.Wait);
                    break;
                case var n when n.SequenceEqual("hold"u8):
                    body.Hold = (int?)Number(raw, 0, 255, body, BoshAttributes.Hold);
                    break;
                case var n when n.SequenceEqual("content"u8):
                    body.Content = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("ack"u8):
                    body.Ack = raw.SequenceEqual("0"u8) ? 0 : Number(raw, 1, BoshBody.MaxRid, body, BoshAttributes.Ack);
                    break;
                case var n when n.SequenceEqual("key"u8):
                    body.Key = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("newkey"u8):
                    body.NewKey = XmlText.AttributeValue(raw);
                    break;
                case var n when n.SequenceEqual("pause"u8):
                    body.Pause = (int?)Number(raw, 0, 65535, body, BoshAttributes.Pause);
                    break;
                case var n when n.SequenceEqual("type"u8):
                    // COMPAT: gloox 1.0 writes "terminal" when it says goodbye.
                    body.IsTerminate = raw.SequenceEqual("terminate"u8) || raw.SequenceEqual("terminal"u8);
                    break;
                case var n when n.SequenceEqual("inactivity"u8) || n.SequenceEqual("polling"u8) || n.SequenceEqual("maxpause"u8) || n.SequenceEqual("time"u8):
                    Number(raw, 0, 65535, body, BoshAttributes.Other);
                    break;
                case var n when n.SequenceEqual("requests"u8):
                    Number(raw, 0, 255, body, BoshAttributes.Other);
                    break;
                case var n when n.SequenceEqual("report"u8):
                    Number(raw, 1, BoshBody.MaxRid, body, BoshAttributes.Other);
                    break;
                default:
                    break;
            }
        }

        // COMPAT: gloox 1.0.24 writes ack='0' in its creation request and means none. Elsewhere BOSH-030 stands.
        if (body.Ack == 0)
        {
            body.Ack = null;
            body.Malformed |= body.Sid is null ? BoshAttributes.None : BoshAttributes.Ack;
        }

        return body;
    }

    private static void ReadPrefixed(BoshBody body, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name, ReadOnlySpan<byte> raw, NamespaceScope scope)
    {
        if (prefix.SequenceEqual("xml"u8))
        {
            body.Lang = name.SequenceEqual("lang"u8) ? XmlText.AttributeValue(raw) : body.Lang;
            return;
        }

        var index = scope.IndexOf(prefix);
        if (index < 0 || !scope.NameAt(index).SequenceEqual(XmppNamespaces.XBosh))
        {
            return;
        }

        if (name.SequenceEqual("version"u8))
        {
            body.XmppVersion = XmlText.AttributeValue(raw);
        }
        else if (name.SequenceEqual("restart"u8))
        {
            body.IsRestart = raw.SequenceEqual("true"u8) || raw.SequenceEqual("1"u8);
        }
    }

    /// <summary>Plain decimal digits within bounds, or a mark that it is not (BOSH-030).</summary>
    private static long? Number(ReadOnlySpan<byte> raw, long min, long max, BoshBody body, BoshAttributes attribute)
    {
        // Twenty digits with leading zeros are as long as a number may get before it costs more than it says.
        if (raw.Length is > 0 and <= 20 && raw.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && long.TryParse(raw, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        body.Malformed |= attribute;
        return null;
    }

    private static BoshVersion? Version(ReadOnlySpan<byte> raw)
    {
        var dot = raw.IndexOf((byte)'.');
        return dot > 0
            && int.TryParse(raw[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(raw[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new BoshVersion(major, minor)
            : null;
    }
}
