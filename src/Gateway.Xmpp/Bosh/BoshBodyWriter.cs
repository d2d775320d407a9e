using System.Buffers.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Bosh;

/// <summary>Writes response bodies. A body is a start, payloads that were rebased before, and an end.</summary>
public static class BoshBodyWriter
{
    /// <summary>A response with nothing to deliver (BOSH-056).</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = "<body xmlns='http://jabber.org/protocol/httpbind'/>"u8.ToArray();

    /// <summary>The recoverable error, for an exchange that a repeat has replaced (BOSH-066).</summary>
    public static ReadOnlyMemory<byte> RecoverableError { get; } = "<body type='error' xmlns='http://jabber.org/protocol/httpbind'/>"u8.ToArray();

    /// <summary>The end of a body that has payloads.</summary>
    public static ReadOnlySpan<byte> End => "</body>"u8;

    private static readonly byte[][] Terminals = [.. Enum.GetValues<TerminalCondition>().Select(c => MakeTerminal(c)), MakeTerminal(null)];

    /// <summary>A terminal body without children; null condition: an orderly end.</summary>
    public static ReadOnlyMemory<byte> Terminal(TerminalCondition? condition) =>
        condition is { } c ? Terminals[(int)c] : Terminals[^1];

    /// <summary>The start of an ordinary body.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="attributes">What this response says.</param>
    /// <param name="isEmpty">Nothing follows: the tag is closed at once.</param>
    public static void WriteStart(PooledByteWriter output, in BoshResponseAttributes attributes, bool isEmpty)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("<body"u8);
        if (attributes.Report > 0)
        {
            WriteNumber(output, " report='"u8, attributes.Report);
            WriteNumber(output, " time='"u8, attributes.Time);
        }

        output.Write(" xmlns='http://jabber.org/protocol/httpbind'"u8);
        if (attributes.Creation is not null || attributes.XmppVersion is not null)
        {
            output.Write(" xmlns:xmpp='urn:xmpp:xbosh'"u8);
        }

        if (attributes.DeclaresStream)
        {
            output.Write(" xmlns:stream='http://etherx.jabber.org/streams'"u8);
        }

        if (attributes.Creation is { } creation)
        {
            WriteText(output, " sid='"u8, creation.Sid);
            WriteNumber(output, " wait='"u8, creation.Wait);
            WriteNumber(output, " requests='"u8, creation.Requests);
            WriteNumber(output, " hold='"u8, creation.Hold);
            WriteNumber(output, " inactivity='"u8, creation.Inactivity);
            if (creation.Polling > 0)
            {
                WriteNumber(output, " polling='"u8, creation.Polling);
            }

            if (creation.MaxPause > 0)
            {
                WriteNumber(output, " maxpause='"u8, creation.MaxPause);
            }

            WriteText(output, " ver='"u8, creation.Ver?.ToString());
            WriteText(output, " from='"u8, creation.From);
        }

        if (attributes.Ack > 0)
        {
            WriteNumber(output, " ack='"u8, attributes.Ack);
        }

        WriteText(output, " authid='"u8, attributes.AuthId);
        WriteText(output, " xmpp:version='"u8, attributes.XmppVersion);
        if (attributes.Creation is not null)
        {
            output.Write(" xmpp:restartlogic='true'"u8);
        }

        output.Write(isEmpty ? "/>"u8 : ">"u8);
    }

    /// <summary>The start of a terminal body that has children (BOSH-093, BOSH-097).</summary>
    public static void WriteTerminalStart(PooledByteWriter output, TerminalCondition? condition, bool declaresStream)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("<body type='terminate'"u8);
        if (condition is { } c)
        {
            output.Write(" condition='"u8);
            output.Write(c.ToBytes());
            output.Write("'"u8);
        }

        output.Write(" xmlns='http://jabber.org/protocol/httpbind'"u8);
        output.Write(declaresStream ? " xmlns:stream='http://etherx.jabber.org/streams'>"u8 : ">"u8);
    }

    private static byte[] MakeTerminal(TerminalCondition? condition)
    {
        using var output = new PooledByteWriter();
        WriteTerminalStart(output, condition, declaresStream: false);
        output.Truncate(output.WrittenCount - 1);
        output.Write("/>"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteNumber(PooledByteWriter output, ReadOnlySpan<byte> start, long value)
    {
        output.Write(start);
        Utf8Formatter.TryFormat(value, output.GetSpan(20), out var written);
        output.Advance(written);
        output.Write("'"u8);
    }

    private static void WriteText(PooledByteWriter output, ReadOnlySpan<byte> start, string? value)
    {
        if (value is not null)
        {
            output.Write(start);
            XmlText.WriteEscaped(output, value);
            output.Write("'"u8);
        }
    }
}
