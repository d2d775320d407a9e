using System.Diagnostics;

namespace Gateway.Xmpp.Framing;

/// <summary>What the framer takes the input for.</summary>
public enum FramerMode : byte
{
    /// <summary>A root that stays open: its start tag is the header, its children are first-level elements (RFC 6120 §4.2; the BOSH body alike).</summary>
    Stream,

    /// <summary>One document with one element, as in a WebSocket message (RFC 7395 §3.3.3).</summary>
    Document,
}

/// <summary>
/// A resumable scanner. Hand in all bytes that were not consumed yet; when an element comes back, drop
/// <see cref="StreamElement.End"/> bytes and call again. After <see cref="StreamElementKind.None"/> the same bytes must
/// come again with more behind them: what was scanned is not scanned twice.
/// </summary>
/// <remarks>
/// Every byte before <c>_position</c> has been judged, and judged only by the bytes before it: so the result cannot depend
/// on where the input was split. All positions kept between calls count from the start of the pending element.
/// </remarks>
public sealed partial class XmppFramer
{
    private State _state;
    private Place _place;
    private bool _atStart = true;
    private int _position;
    private byte[] _rootName = [];
    private StreamElement _element;

    /// <summary>Makes a framer.</summary>
    public XmppFramer(FramerMode mode, FramingLimits limits)
    {
        Mode = mode;
        Limits = limits;
    }

    /// <summary>Where the input stands between two elements.</summary>
    private enum Place : byte
    {
        BeforeRoot,
        InRoot,
        RootClosing,
        AfterRoot,
        Broken,
    }

    /// <summary>What the input is taken for.</summary>
    public FramerMode Mode { get; }

    /// <summary>The bounds in force from the next element on.</summary>
    public FramingLimits Limits { get; set; }

    /// <summary>What broke, once an <see cref="StreamElementKind.Error"/> came.</summary>
    public FramingError Error { get; private set; }

    /// <summary>The declarations of the current root; <see cref="NamespaceScope.Empty"/> before the header and in documents.</summary>
    public NamespaceScope Scope { get; private set; } = NamespaceScope.Empty;

    /// <summary>Scans for the next element.</summary>
    /// <param name="buffer">Every byte received and not consumed.</param>
    public StreamElement Read(ReadOnlySpan<byte> buffer)
    {
        if (_place == Place.Broken)
        {
            return new StreamElement { Kind = StreamElementKind.Error };
        }

        if (_place == Place.RootClosing)
        {
            // The root was an empty-element tag: its close is owed, and costs no bytes.
            _place = Place.AfterRoot;
            return new StreamElement { Kind = StreamElementKind.StreamClose };
        }

        if (_state == State.Between && _position == 0)
        {
            var spaces = buffer.IndexOfAnyExcept(" \t\r\n"u8);
            spaces = spaces < 0 ? buffer.Length : spaces;
            if (spaces > 0)
            {
                return Whitespace(spaces);
            }

            if (buffer.IsEmpty)
            {
                return default;
            }
        }

        // Nothing beyond the limit is looked at, so the limit decides alike however the input was split.
        var window = buffer.Length > Limits.MaxBytes ? buffer[..Limits.MaxBytes] : buffer;
        if (Scan(window))
        {
            return Complete();
        }

        if (Error == FramingError.None && buffer.Length > Limits.MaxBytes)
        {
            Error = FramingError.TooBig;
        }

        if (Error == FramingError.None)
        {
            return default;
        }

        _place = Place.Broken;
        return new StreamElement { Kind = StreamElementKind.Error };
    }

    /// <summary>Begins anew, as after a stream restart or for the next message: nothing of the old root is in scope.</summary>
    public void Reset()
    {
        Error = FramingError.None;
        Scope = NamespaceScope.Empty;
        _place = Place.BeforeRoot;
        _atStart = true;
        _rootName = [];
        BeginElement();
    }

    private StreamElement Whitespace(int length)
    {
        // RFC 7395 §3.3.3: the first character of a message is '<'.
        if (Mode == FramerMode.Document && _place == Place.BeforeRoot)
        {
            Error = FramingError.BadFormat;
            _place = Place.Broken;
            return new StreamElement { Kind = StreamElementKind.Error };
        }

        _atStart = false;
        return new StreamElement { Kind = StreamElementKind.Whitespace, End = length };
    }

    private StreamElement Complete()
    {
        var element = _element;
        Debug.Assert(element.Kind != StreamElementKind.None, "a complete element has a kind");
        _place = element.Kind switch
        {
            StreamElementKind.StreamHeader when element.IsEmpty => Place.RootClosing,
            StreamElementKind.StreamHeader => Place.InRoot,
            StreamElementKind.StreamClose => Place.AfterRoot,
            _ when Mode == FramerMode.Document => Place.AfterRoot,
            _ => _place,
        };
        _atStart = false;
        BeginElement();
        return element;
    }

    private void BeginElement()
    {
        _state = State.Between;
        _position = 0;
        _depth = 0;
        _attributeCount = 0;
        _bindingCount = 0;
        _element = default;
    }
}
