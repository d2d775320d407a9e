using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>One walk through stream features: token by token, what is kept back is passed over.</summary>
internal ref struct StreamFeaturesWriter(PooledByteWriter output, ReadOnlySpan<byte> features, StreamFeaturesRules rules, int maxBytes)
{
    // features > authentication > inline > fast > mechanism: nothing is looked for deeper.
    private const int MaxDepth = 5;

    private readonly ReadOnlySpan<byte> _features = features;
    private readonly Range[] _tags = new Range[MaxDepth];
    private XmlTokenReader _reader = new(features);
    private bool _isLimited;
    private int _offered;
    private int _removed;

    public bool OffersChannelBinding { get; private set; }

    public void Write()
    {
        _reader.Read();
        var root = Enter();
        var rootName = new StartTag(root).Name;
        output.Write(_reader.IsEmpty ? root[..^2] : root[..^1]);
        output.Write(">"u8);
        if (!_reader.IsEmpty)
        {
            WriteChildren(Level.Features);
        }

        if (!_isLimited)
        {
            output.Write("<limits xmlns='urn:xmpp:stream-limits:0'>"u8);
            WriteMaxBytes("<max-bytes>"u8);
            output.Write("</limits>"u8);
        }

        output.Write("</"u8);
        output.Write(rootName);
        output.Write(">"u8);
    }

    private enum Level : byte
    {
        Features,
        Mechanisms,
        Inline,
    }

    /// <summary>The children of the element whose start tag is current; its end tag is current then, and not written.</summary>
    private void WriteChildren(Level level)
    {
        var depth = _reader.Depth;
        while (_reader.Read() && !(_reader.Kind == XmlTokenKind.EndTag && _reader.Depth == depth))
        {
            if (_reader.Kind != XmlTokenKind.StartTag)
            {
                output.Write(_reader.Token);
                continue;
            }

            Enter();
            switch (level)
            {
                case Level.Features when IsKeptBack():
                    _reader.Skip();
                    break;
                case Level.Features when Is("limits"u8, XmppNamespaces.StreamLimits):
                    WriteLimits();
                    break;
                case Level.Features when Is("mechanisms"u8, XmppNamespaces.Sasl) || Is("authentication"u8, XmppNamespaces.Sasl2):
                    WriteMechanisms();
                    break;
                case Level.Mechanisms when Is("mechanism"u8, XmppNamespaces.Sasl) || Is("mechanism"u8, XmppNamespaces.Sasl2) || Is("mechanism"u8, XmppNamespaces.Fast):
                    WriteMechanism();
                    break;
                case Level.Mechanisms when _reader.Depth == 2 && Is("inline"u8, XmppNamespaces.Sasl2):
                    WriteContainer(Level.Inline);
                    break;
                case Level.Features or Level.Inline when Is("fast"u8, XmppNamespaces.Fast):
                    WriteMechanisms();
                    break;
                default:
                    CopyElement();
                    break;
            }
        }
    }

    private bool IsKeptBack()
    {
        if (Is("sasl-channel-binding"u8, XmppNamespaces.SaslChannelBinding))
        {
            OffersChannelBinding = true;
            return rules.RemovesChannelBinding;
        }

        return Is("starttls"u8, XmppNamespaces.Tls)
            || Is("compression"u8, XmppNamespaces.CompressFeature)
            || (rules.RemovesRegistration
                && (Is("register"u8, XmppNamespaces.RegisterFeature) || Is("register"u8, XmppNamespaces.RegisterTokenFeature)
                    || Is("register"u8, XmppNamespaces.ExtensibleRegister) || Is("recovery"u8, XmppNamespaces.ExtensibleRegister)));
    }

    /// <summary>A list of mechanisms; EDGE-018: one of which nothing is left goes as a whole.</summary>
    private void WriteMechanisms()
    {
        var start = output.WrittenCount;
        var (offered, removed) = (_offered, _removed);
        (_offered, _removed) = (0, 0);
        WriteContainer(Level.Mechanisms);
        if (_offered == 0 && _removed > 0)
        {
            output.Truncate(start);
        }

        (_offered, _removed) = (offered, removed);
    }

    private void WriteContainer(Level level)
    {
        var tag = _reader.Token;

        // EDGE-019: the edge takes no early data.
        if (Is("fast"u8, XmppNamespaces.Fast) && StartTag.TryLocate(tag, "tls-0rtt"u8, out var start, out var end))
        {
            output.Write(tag[..start]);
            output.Write(tag[end..]);
        }
        else
        {
            output.Write(tag);
        }

        if (!_reader.IsEmpty)
        {
            WriteChildren(level);
            output.Write(_reader.Token);
        }
    }

    private void WriteMechanism()
    {
        var start = _reader.Offset;
        var name = ReadText().Trim(' ', '\t', '\r', '\n');
        OffersChannelBinding |= name.EndsWith("-PLUS", StringComparison.OrdinalIgnoreCase);
        if (rules.AllowsMechanism(name))
        {
            _offered++;
            output.Write(_features[start.._reader.End]);
        }
        else
        {
            _removed++;
        }
    }

    private string ReadText()
    {
        var text = new StringBuilder();
        var depth = _reader.Depth;
        var isEmpty = _reader.IsEmpty;
        while (!isEmpty && _reader.Read() && !(_reader.Kind == XmlTokenKind.EndTag && _reader.Depth == depth))
        {
            text.Append(_reader.Kind switch
            {
                XmlTokenKind.Text => XmlText.TextValue(_reader.Token),
                XmlTokenKind.CData => Encoding.UTF8.GetString(_reader.Token["<![CDATA["u8.Length..^"]]>"u8.Length]),
                _ => "",
            });
        }

        return text.ToString();
    }

    private void WriteLimits()
    {
        _isLimited = true;
        var depth = _reader.Depth;
        var tag = _reader.Token;
        var name = new StartTag(tag).Name;
        var isEmpty = _reader.IsEmpty;
        var (isInside, isSaid) = (false, false);
        output.Write(isEmpty ? tag[..^2] : tag[..^1]);
        output.Write(">"u8);
        while (!isEmpty && _reader.Read() && !(_reader.Kind == XmlTokenKind.EndTag && _reader.Depth == depth))
        {
            if (_reader.Kind == XmlTokenKind.StartTag)
            {
                isInside = _reader.Depth == depth + 1 && !_reader.IsEmpty && new StartTag(_reader.Token).LocalName.SequenceEqual("max-bytes"u8);
            }
            else if (_reader.Kind == XmlTokenKind.Text && isInside && _reader.Token.Trim(" \t\r\n"u8) is { IsEmpty: false } digits
                && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            {
                // A number too long for an int is above any limit of ours.
                WriteNumber(int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var offered) ? Math.Min(offered, maxBytes) : maxBytes);
                isSaid = true;
                continue;
            }

            output.Write(_reader.Token);
        }

        if (!isSaid)
        {
            WriteMaxBytes("<max-bytes xmlns='urn:xmpp:stream-limits:0'>"u8);
        }

        output.Write("</"u8);
        output.Write(name);
        output.Write(">"u8);
    }

    private readonly void WriteMaxBytes(ReadOnlySpan<byte> startTag)
    {
        output.Write(startTag);
        WriteNumber(maxBytes);
        output.Write("</max-bytes>"u8);
    }

    private readonly void WriteNumber(int value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(11), out var written);
        output.Advance(written);
    }

    private void CopyElement()
    {
        var start = _reader.Offset;
        _reader.Skip();
        output.Write(_features[start.._reader.End]);
    }

    /// <summary>Remembers the current start tag, for the declarations on it.</summary>
    private readonly ReadOnlySpan<byte> Enter()
    {
        _tags[_reader.Depth] = _reader.Offset.._reader.End;
        return _reader.Token;
    }

    /// <summary>The current start tag has this expanded name; its prefix may be declared on it or on an element around it.</summary>
    private readonly bool Is(ReadOnlySpan<byte> localName, ReadOnlySpan<byte> name)
    {
        var tag = new StartTag(_reader.Token);
        if (!tag.LocalName.SequenceEqual(localName))
        {
            return false;
        }

        for (var depth = _reader.Depth; depth >= 0; depth--)
        {
            if (StartTag.TryFindNamespace(_features[_tags[depth]], tag.Prefix, out var declared))
            {
                return declared.SequenceEqual(name);
            }
        }

        return false;
    }
}
