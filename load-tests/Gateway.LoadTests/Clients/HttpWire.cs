namespace Gateway.LoadTests.Clients;

/// <summary>One TCP connection of a <see cref="HttpConnection"/>, which has another after each cut: what an old one still brings is known by it.</summary>
internal sealed class HttpWire : IWireUser
{
    private readonly HttpConnection _owner;
    private HttpResponseHead _head;

    /// <summary>Makes one that is not connected yet.</summary>
    public HttpWire(HttpConnection owner, LoadTarget target, WireSettings settings)
    {
        _owner = owner;
        Wire = new Wire(this, settings, target.EndPoint.AddressFamily);
    }

    /// <summary>The connection.</summary>
    public Wire Wire { get; }

    /// <summary>A response came over it.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>The beginning of a response is here.</summary>
    public bool HasBegun => _head.Bytes > 0;

    /// <inheritdoc/>
    public int Received(ReadOnlySpan<byte> bytes)
    {
        if (_head.Bytes == 0 && !HttpResponseHead.TryRead(bytes, out _head))
        {
            return 0;
        }

        var head = _head;
        var length = head.Bytes + head.ContentLength;
        if (bytes.Length < length)
        {
            return 0;
        }

        _head = default;
        WasUsed = true;
        _owner.OnResponse(this, head, bytes[head.Bytes..length]);
        return length;
    }

    /// <inheritdoc/>
    public void Lost(string reason) => _owner.OnLost(this, reason);
}
