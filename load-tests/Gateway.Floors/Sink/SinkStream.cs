using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Floors.Sink;

/// <summary>What the sink says to each element of one stream (RFC 6120).</summary>
internal sealed class SinkStream(SinkOutbox own, SinkRegistry registry)
{
    private static ReadOnlySpan<byte> MechanismFeatures =>
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>"u8;

    private static ReadOnlySpan<byte> BindFeatures => "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"u8;

    private readonly List<SinkOutbox> _written = [];
    private bool _isAuthenticated;
    private string _domain = "localhost";
    private byte[] _jid = [];
    private byte[] _lastTo = [];
    private SinkOutbox? _last;

    /// <summary>Nothing more is read.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>One element; what it causes is written with <see cref="FlushAll"/>.</summary>
    public void On(in StreamElement element, ReadOnlySpan<byte> buffer, XmppFramer framer)
    {
        switch (element.Kind)
        {
            case StreamElementKind.FirstLevelElement:
                OnFirstLevel(element, element.Slice(buffer), element.LocalName(buffer), framer);
                break;
            case StreamElementKind.StreamHeader:
                _domain = StreamHeader.Parse(element, buffer).To ?? _domain;
                Answer($"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='{registry.NextNumber()}' from='{_domain}' version='1.0'>");
                To(own, _isAuthenticated ? BindFeatures : MechanismFeatures);
                break;
            case StreamElementKind.StreamClose:
                To(own, "</stream:stream>"u8);
                IsEnded = true;
                break;
            case StreamElementKind.Error:
                To(own, "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"u8);
                IsEnded = true;
                break;
            default:
                break;
        }
    }

    /// <summary>One write to each receiver of what one read brought.</summary>
    public void FlushAll()
    {
        foreach (var outbox in _written)
        {
            outbox.Flush();
        }
    }

    /// <summary>A receiver that has to be waited for before more is read; forgets all receivers once there is none.</summary>
    public bool TryGetFull([NotNullWhen(true)] out SinkOutbox? full)
    {
        foreach (var outbox in _written)
        {
            if (outbox.IsFull)
            {
                full = outbox;
                return true;
            }
        }

        _written.Clear();
        full = null;
        return false;
    }

    /// <summary>The client is gone.</summary>
    public void Unbind() => registry.Remove(_jid);

    private void OnFirstLevel(in StreamElement element, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, XmppFramer framer)
    {
        if (name.SequenceEqual("message"u8))
        {
            Route(bytes, bytes[..element.TagLength]);
        }
        else if (name.SequenceEqual("iq"u8))
        {
            OnIq(bytes, bytes[..element.TagLength]);
        }
        else if (element.Namespace == KnownNamespace.Sasl && name.SequenceEqual("auth"u8))
        {
            _isAuthenticated = true;
            framer.Reset();
            To(own, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"u8);
        }
    }

    /// <summary>To whom it is addressed, as it came. To nobody who is there: gone, as a stanza of a measurement is missed by whoever waits for it.</summary>
    private bool Route(ReadOnlySpan<byte> stanza, ReadOnlySpan<byte> tag)
    {
        if (!StartTag.TryGet(tag, "to"u8, out var to))
        {
            return false;
        }

        if (to.SequenceEqual(_jid))
        {
            To(own, stanza);
            return true;
        }

        if (_last is null || !to.SequenceEqual(_lastTo))
        {
            if (!registry.TryGet(to, out var receiver))
            {
                return false;
            }

            _last = receiver;
            _lastTo = to.ToArray();
        }

        To(_last, stanza);
        return true;
    }

    private void OnIq(ReadOnlySpan<byte> iq, ReadOnlySpan<byte> tag)
    {
        if (!StartTag.TryGet(tag, "type"u8, out var type) || (!type.SequenceEqual("set"u8) && !type.SequenceEqual("get"u8)))
        {
            Route(iq, tag);
            return;
        }

        var id = StartTag.TryGet(tag, "id"u8, out var raw) ? Encoding.UTF8.GetString(raw) : "";
        if (iq.IndexOf("urn:ietf:params:xml:ns:xmpp-bind"u8) >= 0)
        {
            Bind(iq, id);
        }
        else if (!Route(iq, tag))
        {
            Answer($"<iq type='result' id='{id}'/>");
        }
    }

    private void Bind(ReadOnlySpan<byte> iq, string id)
    {
        var start = iq.IndexOf("<resource>"u8);
        var length = iq.IndexOf("</resource>"u8) - start - "<resource>"u8.Length;
        var number = registry.NextNumber();
        var resource = start >= 0 && length > 0 ? Encoding.UTF8.GetString(iq.Slice(start + "<resource>"u8.Length, length)) : $"r{number.ToString(CultureInfo.InvariantCulture)}";
        var jid = string.Create(CultureInfo.InvariantCulture, $"s{number}@{_domain}/{resource}");
        registry.Remove(_jid);
        _jid = Encoding.UTF8.GetBytes(jid);
        registry.Add(_jid, own);
        Answer($"<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>");
    }

    private void Answer(string text) => To(own, Encoding.UTF8.GetBytes(text));

    private void To(SinkOutbox outbox, ReadOnlySpan<byte> bytes)
    {
        outbox.Append(bytes);
        if (_written.Count == 0 || (!ReferenceEquals(_written[^1], outbox) && !_written.Contains(outbox)))
        {
            _written.Add(outbox);
        }
    }
}
