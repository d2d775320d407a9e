namespace Gateway.Hosting;

/// <summary>What a listener is for.</summary>
internal enum ListenerKind
{
    /// <summary>Clients.</summary>
    Public,

    /// <summary>Operators.</summary>
    Management,
}

/// <summary>The listener a connection came through: put on the connection when it is accepted, so that no request can claim another.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="ServesXmpp">It takes XMPP data (EDGE-054).</param>
internal sealed record Listener(ListenerKind Kind, bool ServesXmpp)
{
    /// <summary>The operator's.</summary>
    public static readonly Listener Management = new(ListenerKind.Management, ServesXmpp: false);

    // A connection of unknown origin gets nothing.
    private static readonly Listener Unknown = new(ListenerKind.Public, ServesXmpp: false);

    /// <summary>The listener of a request.</summary>
    public static Listener Of(HttpContext http) => http.Features.Get<Listener>() ?? Unknown;
}
