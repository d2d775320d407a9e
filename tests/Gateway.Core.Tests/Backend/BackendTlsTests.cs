using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using Gateway.Core.Backend;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

[Trait("Requirement", "XS-027")]
public sealed class BackendTlsTests : IDisposable
{
    private const ushort SupportedVersions = 43;
    private const ushort EarlyData = 42;
    private const ushort Alpn = 16;

    private readonly ConnectorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "XS-028")]
    [Trait("Requirement", "XS-031")]
    public async Task ClientHello_OffersTls13Then12_NoCompressionNoEarlyData(bool direct)
    {
        var (ours, theirs) = DuplexStream.CreatePair();
        var handshake = Tls().AuthenticateAsync(ours, "example.org", direct, Token).AsTask();

        var hello = await ReadHelloAsync(theirs);
        await theirs.DisposeAsync();
        await Should.ThrowAsync<BackendConnectException>(handshake.WithinAsync());

        Convert.ToHexString(hello.Extensions[SupportedVersions]).ShouldBe("0403040303");
        hello.CompressionMethods.ShouldBe([0]);
        hello.Extensions.ShouldNotContainKey(EarlyData);
        hello.Extensions.ContainsKey(Alpn).ShouldBe(direct);
        if (direct)
        {
            Convert.ToHexString(hello.Extensions[Alpn]).ShouldBe("000C0B786D70702D636C69656E74");
        }
    }

    [Fact]
    [Trait("Requirement", "XS-030")]
    public async Task ClientHello_InternationalDomain_IsNamedInAscii()
    {
        var (ours, theirs) = DuplexStream.CreatePair();
        var handshake = Tls().AuthenticateAsync(ours, "bücher.example", direct: true, Token).AsTask();

        var hello = await ReadHelloAsync(theirs);
        await theirs.DisposeAsync();
        await Should.ThrowAsync<BackendConnectException>(handshake.WithinAsync());

        System.Text.Encoding.ASCII.GetString(hello.Extensions[0].AsSpan(5)).ShouldBe("xn--bcher-kva.example");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, SslProtocols.Tls13)]
    public async Task Handshake_ServerOfEitherVersion_TheHigherOneIsUsed(SslProtocols offered, SslProtocols used)
    {
        var (client, server) = await HandshakeAsync(offered);
        await using (client)
        await using (server)
        {
            client.SslProtocol.ShouldBe(used);
        }
    }

    [Fact]
    public async Task Renegotiation_IsRefusedAndTheStreamEnds()
    {
        var (client, server) = await HandshakeAsync(SslProtocols.Tls12);
        await using var stream = new TcpXmppStream(client, TcpXmppStream.DefaultLimits, _fixture.Time);
        await using (server)
        {
            // The server fails or hangs with it, as it likes; what counts is that the client does not go along.
#pragma warning disable CA1416 // the tests run where it is supported
            var renegotiating = server.NegotiateClientCertificateAsync(Token);
#pragma warning restore CA1416
            (await stream.FillAsync(Token).WithinAsync()).ShouldBeFalse();
            await stream.DisposeAsync();
            await Should.ThrowAsync<Exception>(renegotiating.WithinAsync());
        }
    }

    private BackendTls Tls() => new(new BackendTlsOptions { TrustedRoots = _fixture.Certificates.RootsFile }, _fixture.Time);

    private async Task<(SslStream Client, SslStream Server)> HandshakeAsync(SslProtocols offered)
    {
        var (ours, theirs) = DuplexStream.CreatePair();
        var client = Tls().AuthenticateAsync(ours, "example.org", direct: true, Token).AsTask();
        var server = new SslStream(theirs);
        await server.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _fixture.Certificates.Server("example.org"),
                EnabledSslProtocols = offered,
                AllowRenegotiation = true,
            },
            Token).WithinAsync();
        return ((SslStream)await client.WithinAsync(), server);
    }

    private static async Task<(byte[] CompressionMethods, Dictionary<ushort, byte[]> Extensions)> ReadHelloAsync(Stream stream)
    {
        var header = new byte[5];
        await stream.ReadExactlyAsync(header, Token).WithinAsync();
        var record = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        await stream.ReadExactlyAsync(record, Token).WithinAsync();

        // RFC 8446 §4.1.2: type and length, version, random, session id, cipher suites, compression methods, extensions.
        var rest = record.AsMemory(4 + 2 + 32);
        rest = rest[(1 + rest.Span[0])..];
        rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest.Span))..];
        var compression = rest.Slice(1, rest.Span[0]).ToArray();
        rest = rest[(1 + compression.Length + 2)..];
        var extensions = new Dictionary<ushort, byte[]>();
        while (!rest.IsEmpty)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span[2..]);
            extensions[BinaryPrimitives.ReadUInt16BigEndian(rest.Span)] = rest.Slice(4, length).ToArray();
            rest = rest[(4 + length)..];
        }

        return (compression, extensions);
    }
}
