using System.Security.Cryptography;
using System.Text;

namespace Gateway.DemoServer.Sasl;

/// <summary>Who can log in, and with what.</summary>
internal sealed class SaslAccounts
{
    private readonly Dictionary<string, (ScramCredentials Sha1, ScramCredentials Sha256)> _accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly byte[] _secret = new byte[32];
    private readonly Action<Span<byte>> _random;

    public SaslAccounts(DemoServerOptions options)
    {
        Domain = options.Domain;
        AllowAnonymous = options.AllowAnonymous;
        _random = options.RandomSource;
        _random(_secret);
        foreach (var account in options.Accounts)
        {
            _accounts.Add(account.Name, (
                ScramCredentials.Create(HashAlgorithmName.SHA1, account.Password, NewSalt()),
                ScramCredentials.Create(HashAlgorithmName.SHA256, account.Password, NewSalt())));
        }
    }

    public string Domain { get; }

    public bool AllowAnonymous { get; }

    /// <summary>Mechanisms, the best first.</summary>
    public IEnumerable<string> Mechanisms => AllowAnonymous
        ? ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "ANONYMOUS"]
        : ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"];

    /// <summary>Begins an exchange; null if the mechanism is not offered.</summary>
    public ISaslMechanism? Begin(string mechanism) => mechanism switch
    {
        "SCRAM-SHA-256" => new ScramMechanism(this, HashAlgorithmName.SHA256, NewNonce()),
        "SCRAM-SHA-1" => new ScramMechanism(this, HashAlgorithmName.SHA1, NewNonce()),
        "PLAIN" => new PlainMechanism(this),
        "ANONYMOUS" when AllowAnonymous => new AnonymousMechanism(),
        _ => null,
    };

    /// <summary>
    /// The keys of an account. An unknown name gets keys that no password fits, with a salt that is always the same for
    /// that name, so that an exchange does not tell which names exist (RFC 5802 §9).
    /// </summary>
    public ScramCredentials Find(string user, HashAlgorithmName hash)
    {
        if (_accounts.TryGetValue(user, out var account))
        {
            return hash == HashAlgorithmName.SHA1 ? account.Sha1 : account.Sha256;
        }

        var salt = HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(user))[..16];
        return new(hash, salt, ScramCredentials.DefaultIterations, new byte[1], new byte[1]);
    }

    /// <summary>An account may act only as itself (RFC 6120 §6.3.8).</summary>
    public bool MayActAs(string user, string authzid) =>
        authzid.Length == 0 || string.Equals(authzid, $"{user}@{Domain}", StringComparison.OrdinalIgnoreCase);

    private byte[] NewSalt()
    {
        var salt = new byte[16];
        _random(salt);
        return salt;
    }

    private string NewNonce()
    {
        Span<byte> nonce = stackalloc byte[18];
        _random(nonce);
        return Convert.ToBase64String(nonce);
    }
}
