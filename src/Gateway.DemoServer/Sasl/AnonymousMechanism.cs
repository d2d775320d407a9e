namespace Gateway.DemoServer.Sasl;

/// <summary>ANONYMOUS (RFC 4505): anybody gets an account of its own for as long as the stream lasts (XEP-0175). Trace data is ignored.</summary>
internal sealed class AnonymousMechanism : ISaslMechanism
{
    /// <inheritdoc/>
    public SaslStep Step(ReadOnlySpan<byte> message) => new(SaslOutcome.Success);
}
