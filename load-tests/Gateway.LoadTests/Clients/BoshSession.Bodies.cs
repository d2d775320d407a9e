using System.Buffers.Text;
using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.LoadTests.Clients;

/// <summary>Bodies, written and read.</summary>
internal sealed partial class BoshSession
{
    // A body is a whole document: one framer a thread is enough.
    [ThreadStatic]
    private static XmppFramer? _framer;

    private bool IsOver => _opening == BoshOpening.Over;

    private void WriteBody(PooledByteWriter output, long rid)
    {
        output.Write("<body rid='"u8);
        Utf8Formatter.TryFormat(rid, output.GetSpan(20), out var digits);
        output.Advance(digits);
        output.Write("' xmlns='http://jabber.org/protocol/httpbind'"u8);
        output.Write(_sid);
        switch (_opening)
        {
            case BoshOpening.Creation:
                output.Write(Encoding.UTF8.GetBytes(
                    $" to='{Settings.Domain}' wait='60' hold='1' ver='1.6' content='text/xml; charset=utf-8' xml:lang='en' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>"));
                _opening = BoshOpening.None;
                return;
            case BoshOpening.Restart:
                output.Write(Encoding.UTF8.GetBytes($" to='{Settings.Domain}' xml:lang='en' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'/>"));
                _opening = BoshOpening.None;
                return;
            case BoshOpening.Termination:
                output.Write(" type='terminate'"u8);
                _opening = BoshOpening.Over;
                break;
            default:
                break;
        }

        if (_queue.WrittenCount == 0)
        {
            output.Write("/>"u8);
            return;
        }

        output.Write(">"u8);
        output.Write(_queue.WrittenSpan);
        output.Write("</body>"u8);
        _queue.Clear();
    }

    private void Take(ReadOnlySpan<byte> body)
    {
        _nextResponse++;
        var framer = _framer ??= new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        framer.Reset();
        var element = framer.Read(body);
        if (element.Kind != StreamElementKind.StreamHeader || element.Namespace != KnownNamespace.HttpBind)
        {
            throw new InvalidDataException($"No body: {Encoding.UTF8.GetString(body)}");
        }

        var tag = body.Slice(element.Offset, element.TagLength);
        if (_sid.Length == 0)
        {
            Created(tag);
        }

        var isTerminal = IsOfType(tag, "terminate"u8);
        TakePayloads(framer, body[element.End..], element.IsEmpty);
        if (isTerminal && IsOver)
        {
            GoodbyeAnswered();
        }
        else if (isTerminal)
        {
            Fail($"terminated: {Encoding.UTF8.GetString(tag)}");
        }
        else if (IsOver && _nextResponse == _nextRid)
        {
            // COMPAT: some answer the goodbye itself with an empty body.
            GoodbyeAnswered();
        }
    }

    private void TakePayloads(XmppFramer framer, ReadOnlySpan<byte> rest, bool isEmpty)
    {
        while (!isEmpty)
        {
            var element = framer.Read(rest);
            switch (element.Kind)
            {
                case StreamElementKind.FirstLevelElement:
                    OnElement(element, rest);
                    break;
                case StreamElementKind.Whitespace:
                    break;
                case StreamElementKind.StreamClose:
                    return;
                default:
                    throw new InvalidDataException($"A body is broken: {framer.Error}.");
            }

            rest = rest[element.End..];
        }
    }

    private void Created(ReadOnlySpan<byte> tag)
    {
        var sid = Attribute(tag, " sid="u8);
        if (sid.IsEmpty)
        {
            return; // a terminal body; the caller sees to it
        }

        _sid = Encoding.UTF8.GetBytes($" sid='{Encoding.UTF8.GetString(sid)}'");
        _requests = Utf8Parser.TryParse(Attribute(tag, " requests="u8), out int requests, out _) ? Math.Clamp(requests, 1, _connections.Length) : _connections.Length;
    }

    private static bool IsOfType(ReadOnlySpan<byte> body, ReadOnlySpan<byte> type) =>
        Attribute(body[..(body.IndexOf((byte)'>') + 1)], " type="u8).SequenceEqual(type);

    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> start)
    {
        var at = tag.IndexOf(start);
        if (at < 0)
        {
            return default;
        }

        var value = tag[(at + start.Length)..];
        var length = value[1..].IndexOf(value[0]);
        return value.Slice(1, length);
    }
}
