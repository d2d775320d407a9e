using System.Security.Cryptography;
using System.Text;

namespace Gateway.DemoServer.Sasl;

/// <summary>PLAIN (RFC 4616); offered under TLS only, as everything here.</summary>
internal sealed class PlainMechanism(SaslAccounts accounts) : ISaslMechanism
{
    private const int MaxPasswordBytes = 1024;

    /// <inheritdoc/>
    public SaslStep Step(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
        {
            return new(SaslOutcome.Challenge, []);
        }

        var parts = Encoding.UTF8.GetString(message).Split('\0');
        if (parts is not [var authzid, { Length: > 0 } user, { Length: > 0 and <= MaxPasswordBytes } password])
        {
            return SaslStep.Fail(SaslConditions.MalformedRequest);
        }

        if (!accounts.Find(user, HashAlgorithmName.SHA256).Verify(password))
        {
            return SaslStep.Fail(SaslConditions.NotAuthorized);
        }

        return accounts.MayActAs(user, authzid) ? new(SaslOutcome.Success, User: user) : SaslStep.Fail(SaslConditions.InvalidAuthzid);
    }
}
