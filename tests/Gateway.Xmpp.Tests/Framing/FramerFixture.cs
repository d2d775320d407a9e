using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>One input and what must come of it.</summary>
/// <param name="Name">Says what is special.</param>
/// <param name="Mode">How it is read.</param>
/// <param name="Input">The bytes.</param>
/// <param name="Errors">The errors that the documents allow; empty when it is accepted whole.</param>
internal sealed record FramerFixture(string Name, FramerMode Mode, byte[] Input, FramingError[] Errors)
{
    /// <summary>A stream header as a server may write it; most content fixtures are read behind it as well.</summary>
    public const string Header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' version='1.0'>";

    /// <summary>Text to bytes; U+E000 to U+E0FF stand for single raw bytes, so that broken UTF-8 can be written in a string.</summary>
    public static byte[] Bytes(string text)
    {
        var result = new List<byte>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0xE000 and <= 0xE0FF)
            {
                result.Add((byte)(rune.Value - 0xE000));
            }
            else
            {
                result.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            }
        }

        return [.. result];
    }

    /// <summary>Raw bytes as they are written in fixtures.</summary>
    public static string Raw(params ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes)
        {
            text.Append((char)(0xE000 + b));
        }

        return text.ToString();
    }
}
