namespace Gateway.Xmpp.Framing;

/// <summary>The XML declaration (XML 1.0 §2.8): the only thing in question marks that XMPP knows.</summary>
public sealed partial class XmppFramer
{
    private const int MaxDeclarationBytes = 256;

    /// <summary>At "&lt;?": reads a declaration where one may stand. False: more is needed, or <see cref="Error"/> is set.</summary>
    private bool TryReadDeclaration(ReadOnlySpan<byte> input, ref int position)
    {
        var opening = "<?xml"u8;
        var rest = input[position..];
        var length = Math.Min(rest.Length, opening.Length);
        if (!_atStart || position != 0 || !rest[..length].SequenceEqual(opening[..length]))
        {
            return Fail(FramingError.RestrictedXml);
        }

        if (rest.Length <= opening.Length)
        {
            return false;
        }

        if ((Classes[rest[opening.Length]] & Space) == 0)
        {
            return Fail(FramingError.RestrictedXml);
        }

        var end = rest[..Math.Min(rest.Length, MaxDeclarationBytes)].IndexOf("?>"u8);
        if (end < 0)
        {
            return rest.Length >= MaxDeclarationBytes && Fail(FramingError.NotWellFormed);
        }

        var error = CheckDeclaration(rest[opening.Length..end]);
        if (error != FramingError.None)
        {
            return Fail(error);
        }

        position += end + 2;
        _atStart = false;
        return true;
    }

    private static FramingError CheckDeclaration(ReadOnlySpan<byte> declaration)
    {
        if (!TryReadPseudoAttribute(ref declaration, "version"u8, out var version))
        {
            return FramingError.NotWellFormed;
        }

        if (!version.SequenceEqual("1.0"u8))
        {
            return FramingError.NotWellFormed;
        }

        if (TryReadPseudoAttribute(ref declaration, "encoding"u8, out var encoding)
            && !System.Text.Ascii.EqualsIgnoreCase(encoding, "utf-8"u8))
        {
            return FramingError.UnsupportedEncoding;
        }

        // BOSH-021, XS-009: no standalone declaration, whatever it says.
        if (TryReadPseudoAttribute(ref declaration, "standalone"u8, out _))
        {
            return FramingError.RestrictedXml;
        }

        return declaration.IndexOfAnyExcept(" \t\r\n"u8) < 0 ? FramingError.None : FramingError.NotWellFormed;
    }

    private static bool TryReadPseudoAttribute(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        var at = rest.TrimStart(" \t\r\n"u8);
        if (at.Length == rest.Length || !at.StartsWith(name))
        {
            return false;
        }

        at = at[name.Length..].TrimStart(" \t\r\n"u8);
        if (at.IsEmpty || at[0] != (byte)'=')
        {
            return false;
        }

        at = at[1..].TrimStart(" \t\r\n"u8);
        if (at.IsEmpty || at[0] is not ((byte)'\'' or (byte)'"'))
        {
            return false;
        }

        var end = at[1..].IndexOf(at[0]);
        if (end < 0)
        {
            return false;
        }

        value = at.Slice(1, end);
        rest = at[(end + 2)..];
        return true;
    }
}
