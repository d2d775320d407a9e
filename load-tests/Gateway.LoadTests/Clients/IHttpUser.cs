namespace Gateway.LoadTests.Clients;

/// <summary>Who asks over a <see cref="HttpConnection"/>.</summary>
internal interface IHttpUser
{
    /// <summary>The response to the request that is under way. <see cref="HttpConnection.Free"/> or <see cref="HttpConnection.Repeat"/> is owed.</summary>
    void OnResponse(HttpConnection connection, ReadOnlySpan<byte> body);

    /// <summary>The request that is under way gets no response.</summary>
    void OnFailed(HttpConnection connection, string reason);
}
