namespace Gateway.LoadTests.Clients;

/// <summary>Who asks over a <see cref="HttpConnection"/>.</summary>
internal interface IHttpUser
{
    /// <summary>The response to the request that is under way; the connection is free again.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="rid">The <see cref="HttpConnection.Rid"/> of the request; the connection may have got another one already.</param>
    /// <param name="body">The response's.</param>
    void OnResponse(HttpConnection connection, long rid, ReadOnlySpan<byte> body);

    /// <summary>The request that is under way gets no response.</summary>
    void OnFailed(HttpConnection connection, string reason);
}
