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
public sealed class XmppFramer
{
    /// <summary>Makes a framer.</summary>
    public XmppFramer(FramerMode mode, FramingLimits limits)
    {
        Mode = mode;
        Limits = limits;
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
        _ = buffer;
        Error = FramingError.NotWellFormed;
        return new StreamElement { Kind = StreamElementKind.Error };
    }

    /// <summary>Begins anew, as after a stream restart or for the next message: nothing of the old root is in scope.</summary>
    public void Reset()
    {
        Error = FramingError.None;
        Scope = NamespaceScope.Empty;
    }
}
