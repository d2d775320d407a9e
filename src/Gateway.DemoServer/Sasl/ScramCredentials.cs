using System.Security.Cryptography;
using System.Text;

namespace Gateway.DemoServer.Sasl;

/// <summary>What a server keeps of a password (RFC 5802 §3): it can verify with it, not log in with it.</summary>
/// <param name="Hash">SHA-1 or SHA-256.</param>
/// <param name="Salt">Of this account only.</param>
/// <param name="Iterations">PBKDF2 rounds; RFC 7677 §4 asks for 4096 at least.</param>
/// <param name="StoredKey">H(ClientKey).</param>
/// <param name="ServerKey">HMAC(SaltedPassword, "Server Key").</param>
internal sealed record ScramCredentials(HashAlgorithmName Hash, byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    public const int DefaultIterations = 4096;

    public static ScramCredentials Create(HashAlgorithmName hash, string password, byte[] salt, int iterations = DefaultIterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, hash, Length(hash));
        var clientKey = Hmac(hash, salted, "Client Key"u8);
        return new(hash, salt, iterations, Digest(hash, clientKey), Hmac(hash, salted, "Server Key"u8));
    }

    /// <summary>Whether a password is the right one, as PLAIN needs it.</summary>
    public bool Verify(string password) =>
        CryptographicOperations.FixedTimeEquals(Create(Hash, password, Salt, Iterations).StoredKey, StoredKey);

    /// <summary>Whether a SCRAM proof fits.</summary>
    public bool Verify(string authMessage, byte[] proof)
    {
        var signature = Hmac(Hash, StoredKey, Encoding.UTF8.GetBytes(authMessage));
        if (proof.Length != signature.Length)
        {
            return false;
        }

        var clientKey = new byte[proof.Length];
        for (var i = 0; i < proof.Length; i++)
        {
            clientKey[i] = (byte)(proof[i] ^ signature[i]);
        }

        return CryptographicOperations.FixedTimeEquals(Digest(Hash, clientKey), StoredKey);
    }

    public byte[] ServerSignature(string authMessage) => Hmac(Hash, ServerKey, Encoding.UTF8.GetBytes(authMessage));

    private static int Length(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA1 ? SHA1.HashSizeInBytes : SHA256.HashSizeInBytes;

#pragma warning disable CA5350 // SCRAM-SHA-1 (RFC 5802) is what many clients still have; its security does not rest on collisions
    private static byte[] Hmac(HashAlgorithmName hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) =>
        hash == HashAlgorithmName.SHA1 ? HMACSHA1.HashData(key, data) : HMACSHA256.HashData(key, data);

    private static byte[] Digest(HashAlgorithmName hash, ReadOnlySpan<byte> data) =>
        hash == HashAlgorithmName.SHA1 ? SHA1.HashData(data) : SHA256.HashData(data);
#pragma warning restore CA5350
}
