using System.Security.Cryptography;
using System.Text;

namespace Gateway.DemoServer.Sasl;

/// <summary>SCRAM without channel binding (RFC 5802, RFC 7677), the server's side.</summary>
internal sealed class ScramMechanism(SaslAccounts accounts, HashAlgorithmName hash, string serverNonce) : ISaslMechanism
{
    private string? _gs2Header;
    private string _user = string.Empty;
    private string _authzid = string.Empty;
    private string _clientFirstBare = string.Empty;
    private string _serverFirst = string.Empty;
    private string _nonce = string.Empty;
    private ScramCredentials? _credentials;

    /// <inheritdoc/>
    public SaslStep Step(ReadOnlySpan<byte> message)
    {
        if (_gs2Header is null && message.IsEmpty)
        {
            return new(SaslOutcome.Challenge, []);
        }

        var text = Encoding.UTF8.GetString(message);
        return _gs2Header is null ? First(text) : Final(text);
    }

    private SaslStep First(string message)
    {
        // client-first-message = gs2-cbind-flag "," [authzid] "," client-first-message-bare (RFC 5802 §7)
        var parts = message.Split(',', 3);
        if (parts.Length < 3 || parts[0] is not ("n" or "y") || !TryReadAuthzid(parts[1], out _authzid))
        {
            // "p=..." asks for a channel binding, which no mechanism offered here has.
            return SaslStep.Fail(SaslConditions.MalformedRequest);
        }

        // A mandatory extension ("m=") stands before n= and is not understood by definition.
        var fields = parts[2].Split(',');
        if (fields.Length < 2 || !fields[0].StartsWith("n=", StringComparison.Ordinal) || !fields[1].StartsWith("r=", StringComparison.Ordinal)
            || fields[1].Length == 2 || !TryDecodeName(fields[0][2..], out _user) || _user.Length == 0)
        {
            return SaslStep.Fail(SaslConditions.MalformedRequest);
        }

        _gs2Header = $"{parts[0]},{parts[1]},";
        _clientFirstBare = parts[2];
        _nonce = fields[1][2..] + serverNonce;
        _credentials = accounts.Find(_user, hash);
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_credentials.Salt)},i={_credentials.Iterations}";
        return new(SaslOutcome.Challenge, Encoding.UTF8.GetBytes(_serverFirst));
    }

    private SaslStep Final(string message)
    {
        // client-final-message = "c=" base64(gs2 header) ",r=" nonce ["," extensions] ",p=" proof (RFC 5802 §7)
        var proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        var fields = message.Split(',');
        if (proofAt < 0 || fields.Length < 3 || !fields[0].StartsWith("c=", StringComparison.Ordinal) || !fields[1].StartsWith("r=", StringComparison.Ordinal))
        {
            return SaslStep.Fail(SaslConditions.MalformedRequest);
        }

        if (!TryFromBase64(message[(proofAt + 3)..], out var proof) || !TryFromBase64(fields[0][2..], out var binding))
        {
            return SaslStep.Fail(SaslConditions.MalformedRequest);
        }

        var authMessage = $"{_clientFirstBare},{_serverFirst},{message[..proofAt]}";
        if (fields[1][2..] != _nonce || !binding.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(_gs2Header!)) || !_credentials!.Verify(authMessage, proof))
        {
            return SaslStep.Fail(SaslConditions.NotAuthorized);
        }

        return accounts.MayActAs(_user, _authzid)
            ? new(SaslOutcome.Success, Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(_credentials.ServerSignature(authMessage))), _user)
            : SaslStep.Fail(SaslConditions.InvalidAuthzid);
    }

    private static bool TryReadAuthzid(string field, out string authzid)
    {
        authzid = string.Empty;
        return field.Length == 0 || (field.StartsWith("a=", StringComparison.Ordinal) && TryDecodeName(field[2..], out authzid));
    }

    /// <summary>saslname: "," and "=" travel as "=2C" and "=3D", and no other "=" is allowed (RFC 5802 §5.1).</summary>
    private static bool TryDecodeName(string text, out string name)
    {
        name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "\0", StringComparison.Ordinal);
        var wellFormed = !name.Contains('=', StringComparison.Ordinal) && !text.Contains('\0', StringComparison.Ordinal);
        name = name.Replace('\0', '=');
        return wellFormed;
    }

    private static bool TryFromBase64(string text, out byte[] bytes)
    {
        bytes = new byte[(text.Length / 4 * 3) + 3];
        var valid = Convert.TryFromBase64String(text, bytes, out var written);
        bytes = bytes[..written];
        return valid;
    }
}
