using System.Text.RegularExpressions;
using Gateway.Core.Policies;

namespace Gateway.Configuration;

/// <summary>Rules of single values: each says what would be right, or null when the value is.</summary>
internal static partial class ValueRules
{
    /// <summary>A served domain, or <c>*.</c> and a domain.</summary>
    public static string? WhatIsRightForDomain(string name)
    {
        var domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        if (domain.Contains('*', StringComparison.Ordinal))
        {
            return "a domain, or *. and a domain: a star stands only for whole labels in front";
        }

        return DomainName.TryPrepare(domain, out _) ? null : "a domain such as example.org, or a pattern such as *.example.org";
    }

    /// <summary>A domain with SRV records of its own.</summary>
    public static string? WhatIsRightForSrv(string name) => DomainName.TryPrepare(name, out _) ? null : "a domain such as example.org, without the service in front";

    /// <summary>One spelling for each domain or pattern; the name itself when it is none.</summary>
    public static string Prepare(string name)
    {
        var star = name.StartsWith("*.", StringComparison.Ordinal) ? "*." : "";
        return DomainName.TryPrepare(name[star.Length..], out var domain) ? star + domain.Ascii : name;
    }

    /// <summary>A path on which XMPP is served.</summary>
    public static string? WhatIsRightForPath(string path) =>
        Path().IsMatch(path) ? null : "a path that begins with / and has no query, white space, star or escape, such as /http-bind";

    /// <summary>An origin as browsers serialise it (RFC 6454 §6.2), or <c>*</c>, or <c>null</c> (EDGE-047).</summary>
    public static string? WhatIsRightForOrigin(string origin)
    {
        const string Right = "an origin as browsers send it, such as https://chat.example.com (lower case, no path, no default port), or *";
        if (origin is "*" or "null")
        {
            return null;
        }

        var isDefaultPort = (origin.StartsWith("https://", StringComparison.Ordinal) && origin.EndsWith(":443", StringComparison.Ordinal))
            || (origin.StartsWith("http://", StringComparison.Ordinal) && origin.EndsWith(":80", StringComparison.Ordinal));
        return !isDefaultPort && Origin().IsMatch(origin) ? null : Right;
    }

    /// <summary>The name of a SASL mechanism (RFC 4422 §3.1).</summary>
    public static string? WhatIsRightForMechanism(string name) =>
        Mechanism().IsMatch(name) ? null : "the name of a mechanism: capitals, digits, - and _, such as SCRAM-SHA-256";

    [GeneratedRegex(@"\A[A-Z0-9_-]{1,20}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mechanism();

    [GeneratedRegex(@"\A/[^\s?#*%\\]+\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Path();

    [GeneratedRegex(@"\A[a-z][a-z0-9+.-]*://[^\s/?#A-Z*@]+\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Origin();
}
