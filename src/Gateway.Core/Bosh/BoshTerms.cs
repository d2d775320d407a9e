using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>What one session was granted: the client's wishes within the gateway's bounds.</summary>
public sealed record BoshTerms
{
    /// <summary>The session's name.</summary>
    public required string Sid { get; init; }

    /// <summary>The domain the client named, prepared (BOSH-035).</summary>
    public required string Domain { get; init; }

    /// <summary>The client's bare JID, if it is one of the domain (BOSH-037).</summary>
    public string? From { get; init; }

    /// <summary>Default language of the stream (BOSH-039).</summary>
    public required string Lang { get; init; }

    /// <summary>Version of the stream (BOSH-038).</summary>
    public required string Version { get; init; }

    /// <summary>Rid of the creation request.</summary>
    public required long Rid { get; init; }

    /// <summary>Longest time a request is held.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>Most requests held at a time.</summary>
    public required int Hold { get; init; }

    /// <summary>Size of the window (BOSH-033).</summary>
    public required int Requests { get; init; }

    /// <summary>Longest time without an open request.</summary>
    public required TimeSpan Inactivity { get; init; }

    /// <summary>Every request is answered at once (BOSH-084).</summary>
    public required bool IsPolling { get; init; }

    /// <summary>Version in use; null for a legacy client (section 18).</summary>
    public BoshVersion? Ver { get; init; }

    /// <summary>Both sides acknowledge (BOSH-073).</summary>
    public bool UsesAcks { get; init; }

    /// <summary>Start of the key sequence; null if there is none (section 17).</summary>
    public string? NewKey { get; init; }

    /// <summary>Content-Type of every response (BOSH-004, BOSH-005).</summary>
    public required string ContentType { get; init; }

    /// <summary>Settles the terms of a session. False: <c>content</c> asks for what is not granted (BOSH-005).</summary>
    /// <param name="body">The creation request, checked to have a rid and a domain.</param>
    /// <param name="sid">The new session's name.</param>
    /// <param name="domain">The prepared domain.</param>
    /// <param name="options">The gateway's bounds.</param>
    /// <param name="terms">What is granted.</param>
    public static bool TryNegotiate(BoshBody body, string sid, string domain, BoshOptions options, out BoshTerms terms)
    {
        var requested = body.Hold ?? 1;
        var wait = body.Wait is { } seconds && TimeSpan.FromSeconds(seconds) < options.MaxWait ? TimeSpan.FromSeconds(seconds) : options.MaxWait;
        var hold = Math.Min(HasTwoChannelsOnly(body) ? 1 : requested, options.MaxHold);
        var polls = wait == TimeSpan.Zero || hold == 0;
        terms = new BoshTerms
        {
            Sid = sid,
            Domain = domain,
            From = BareJid.IfOf(body.From, domain),
            Lang = LanguageTag.Or(body.Lang, "en"),
            Version = StreamVersion(body.XmppVersion) ?? "1.0",
            Rid = body.Rid!.Value,
            Wait = wait,
            Hold = hold,
            Requests = Math.Min(requested, 15) + 1,
            Inactivity = options.Inactivity + (polls ? options.PollingExtra : TimeSpan.Zero),
            IsPolling = polls,
            Ver = body.Ver is { } ver ? BoshVersion.Min(ver, BoshVersion.Supported) : null,
            UsesAcks = body.Ack == 1,
            NewKey = body.NewKey,
            ContentType = body.Content ?? BoshResponse.DefaultContentType,
        };
        return body.Content is null || IsHarmless(body.Content);
    }

    /// <summary>
    /// COMPAT: stanza 12 asks for hold 2 and has two connections, where XEP-0124 §11 wants a third to send on: with both held
    /// it could say nothing until <c>wait</c> is over. Nothing in its requests names it, so it is known by what it asks for.
    /// </summary>
    private static bool HasTwoChannelsOnly(BoshBody body) =>
        body is { Hold: 2, Wait: 30, Content: null, Ack: null } && body.Ver == new BoshVersion(1, 6);

    /// <summary>A media type that no browser runs as script, with no parameter but charset=utf-8 (BOSH-005).</summary>
    internal static bool IsHarmless(string content)
    {
        var semicolon = content.IndexOf(';', StringComparison.Ordinal);
        var type = (semicolon < 0 ? content : content[..semicolon]).Trim(' ');
        var parameter = semicolon < 0 ? null : content[(semicolon + 1)..].Trim(' ');
        return (type.Equals("text/xml", StringComparison.OrdinalIgnoreCase)
                || type.Equals("application/xml", StringComparison.OrdinalIgnoreCase)
                || type.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            && (parameter is null
                || parameter.Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase)
                || parameter.Equals("charset=\"utf-8\"", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the client asked for, if the gateway can speak it: 1.x. Below there are no features to log in with (BOSH-038).</summary>
    internal static string? StreamVersion(string? asked) =>
        asked is ['1', '.', .. { Length: > 0 and <= 3 } minor] && minor.All(char.IsAsciiDigit) ? asked : null;
}
