using System.Security.Cryptography;
using System.Text;

namespace Gateway.Core.Tests.DemoServer;

/// <summary>The client's side of SCRAM, written from RFC 5802 alone.</summary>
internal sealed class ScramClient(HashAlgorithmName hash, string user, string password, string authzid = "")
{
    private readonly string _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(12));
    private byte[] _serverSignature = [];

    private string Gs2Header => authzid.Length == 0 ? "n,," : $"n,a={authzid},";

    private string FirstBare => $"n={user},r={_nonce}";

    public string First => Gs2Header + FirstBare;

    public string Final(string serverFirst)
    {
        var fields = serverFirst.Split(',');
        fields[0].ShouldStartWith("r=" + _nonce);
        fields[0].Length.ShouldBeGreaterThan(_nonce.Length + 2);
        var salt = Convert.FromBase64String(fields[1][2..]);
        var iterations = int.Parse(fields[2][2..], System.Globalization.CultureInfo.InvariantCulture);
        iterations.ShouldBeGreaterThanOrEqualTo(4096);

        var size = hash == HashAlgorithmName.SHA1 ? 20 : 32;
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, hash, size);
        var clientKey = Hmac(salted, "Client Key");
        var storedKey = hash == HashAlgorithmName.SHA1 ? SHA1.HashData(clientKey) : SHA256.HashData(clientKey);
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Gs2Header))},{fields[0]}";
        var authMessage = $"{FirstBare},{serverFirst},{withoutProof}";
        var proof = Hmac(storedKey, authMessage).Zip(clientKey, (a, b) => (byte)(a ^ b)).ToArray();
        _serverSignature = Hmac(Hmac(salted, "Server Key"), authMessage);
        return $"{withoutProof},p={Convert.ToBase64String(proof)}";
    }

    public void Verify(string serverFinal) => serverFinal.ShouldBe("v=" + Convert.ToBase64String(_serverSignature));

    private byte[] Hmac(byte[] key, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return hash == HashAlgorithmName.SHA1 ? HMACSHA1.HashData(key, bytes) : HMACSHA256.HashData(key, bytes);
    }
}
