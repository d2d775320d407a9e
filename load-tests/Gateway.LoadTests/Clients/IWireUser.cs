namespace Gateway.LoadTests.Clients;

/// <summary>Who reads from a <see cref="Wire"/>.</summary>
internal interface IWireUser
{
    /// <summary>Bytes that were not consumed yet; an exception breaks the connection.</summary>
    /// <returns>How many of them are done with; the rest comes again with more behind it.</returns>
    int Received(ReadOnlySpan<byte> bytes);

    /// <summary>The connection ended, by the peer or by an error; called once, and not after <see cref="Wire.Dispose"/>.</summary>
    void Lost(string reason);
}
