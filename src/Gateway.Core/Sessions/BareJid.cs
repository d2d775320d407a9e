using System.Buffers;
using Gateway.Core.Policies;

namespace Gateway.Core.Sessions;

/// <summary>The JID that a client says it is, before anybody has checked it.</summary>
public static class BareJid
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\"&'/:<>@ ");

    /// <summary>
    /// The bare JID if it may go into a stream header (BOSH-037, XS-011): of that domain, with a localpart, without a resource,
    /// short enough and without characters that no JID has (RFC 7622 §3.3.1). Null otherwise, without error.
    /// </summary>
    /// <param name="jid">As the client wrote it.</param>
    /// <param name="domain">The session's domain, prepared, with U-labels.</param>
    public static string? IfOf(string? jid, string domain)
    {
        var at = jid?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        return jid is not null && at is > 0 and <= 1023
            && DomainName.TryPrepare(jid[(at + 1)..], out var name) && name.Unicode == domain
            && jid.AsSpan(0, at).IndexOfAny(Forbidden) < 0
            && !jid.AsSpan(0, at).ContainsAnyInRange('\0', ' ')
            ? $"{jid.AsSpan(0, at)}@{domain}"
            : null;
    }
}
