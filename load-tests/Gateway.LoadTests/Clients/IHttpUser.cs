namespace Gateway.LoadTests.Clients;

/// <summary>Who asks over a <see cref="HttpConnection"/>.</summary>
internal interface IHttpUser
{
    /// <summary>The response to the request that is under way; the connection is free again.</summary>
    void OnResponse(HttpConnection connection, ReadOnlySpan<byte> body);

    /// <summary>The request that is under way gets no response.</summary>
    void OnFailed(HttpConnection connection, string reason);
}
