using System.Buffers;
using System.Text;

namespace Gateway.DemoServer;

/// <summary>
/// An XMPP address (RFC 7622), as far as the demo's ASCII names need it: local part and domain in lower case, no further
/// preparation of other scripts.
/// </summary>
internal sealed record Jid(string? Local, string Domain, string? Resource)
{
    private const int MaxPartBytes = 1023;

    private static readonly SearchValues<char> NotInDomain = SearchValues.Create("@ \"&'<>");
    private static readonly SearchValues<char> NotInLocal = SearchValues.Create(" \"&':<>");

    /// <summary>The address without its resource.</summary>
    public string Bare => Local is null ? Domain : $"{Local}@{Domain}";

    public static bool TryParse(string text, out Jid jid)
    {
        jid = null!;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var resource = slash < 0 ? null : text[(slash + 1)..];
        var bare = slash < 0 ? text : text[..slash];
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        var local = at < 0 ? null : bare[..at];
        var domain = bare[(at + 1)..];
        if (!IsPart(domain) || domain.AsSpan().ContainsAny(NotInDomain)
            || (local is not null && (!IsPart(local) || local.AsSpan().ContainsAny(NotInLocal)))
            || (resource is not null && !IsResource(resource)))
        {
            return false;
        }

#pragma warning disable CA1308 // RFC 7622 §3.2.2 and §3.3: these parts are compared in lower case
        jid = new Jid(local?.ToLowerInvariant(), domain.ToLowerInvariant(), resource);
#pragma warning restore CA1308
        return true;
    }

    /// <summary>It can be a resource (RFC 7622 §3.4).</summary>
    public static bool IsResource(string text) => IsPart(text);

    public override string ToString() => Resource is null ? Bare : $"{Bare}/{Resource}";

    private static bool IsPart(string text) => text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= MaxPartBytes && !text.Any(char.IsControl);
}
