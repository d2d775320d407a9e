using Gateway.Xmpp.Framing;

namespace Gateway.Core.Sessions;

/// <summary>What one session may cost (<c>Gateway:Limits</c>). One number for every transport.</summary>
public sealed class SessionLimits
{
    /// <summary>Largest stanza after authentication, in bytes from '&lt;' to '&gt;'; at least 10000. Default 256 KiB, as Prosody (EDGE-035).</summary>
    public int MaxStanzaBytes { get; set; } = 256 * 1024;

    /// <summary>Largest stanza before authentication, in bytes; at least 10000 (RFC 6120 §13.12). Default 64 KiB (EDGE-035).</summary>
    public int MaxStanzaBytesBeforeAuth { get; set; } = 64 * 1024;

    /// <summary>Most open elements of one stanza. Default 100 (EDGE-045).</summary>
    public int MaxDepth { get; set; } = 100;

    /// <summary>Most attributes of one element, declarations included. Default 128 (EDGE-045).</summary>
    public int MaxAttributes { get; set; } = 128;

    /// <summary>From the session's start to authentication, up to 1 h; 0: no limit. Default 60 s (EDGE-036).</summary>
    public TimeSpan AuthTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most sessions of this process; 0: no limit (the default).</summary>
    public int MaxSessions { get; set; }

    /// <summary>Failed logins of one session, up to 1000; then it ends. 0: no limit. Default 5 (EDGE-038).</summary>
    public int AuthFailuresPerSession { get; set; } = 5;

    /// <summary>Failed logins of one client address within an hour; then new sessions from it are refused. 0: no limit. Default 120: whole companies sit behind one address (EDGE-038).</summary>
    public int AuthFailuresPerHourPerAddress { get; set; } = 120;

    /// <summary>BOSH requests with an unknown sid in a minute from one client address (IPv6: one /64); 0: no limit. Default 300 (EDGE-033).</summary>
    public int UnknownSidsPerMinutePerAddress { get; set; } = 300;

    /// <summary>
    /// BOSH requests of one session per second, with a burst of twice as many (EDGE-034); 0: no limit. Default 0: a client that
    /// waits for each answer makes thousands of them, and what it costs is bounded by its window.
    /// </summary>
    public int RequestsPerSecond { get; set; }

    /// <summary>The framer's bounds for a client that is or is not authenticated.</summary>
    public FramingLimits For(bool authenticated) => new(authenticated ? MaxStanzaBytes : MaxStanzaBytesBeforeAuth, MaxDepth, MaxAttributes);
}
