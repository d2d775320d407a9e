namespace Gateway.LoadTests.Clients;

/// <summary>Who a session calls; where its bytes arrive, so it never waits.</summary>
internal interface ISessionListener
{
    /// <summary>A first-level element that came after the login.</summary>
    /// <param name="stanza">The element.</param>
    /// <param name="tagLength">Bytes of its start tag.</param>
    void OnStanza(ReadOnlySpan<byte> stanza, int tagLength);

    /// <summary>The session ended though nobody here asked for it; once.</summary>
    void OnLost(string reason);
}
