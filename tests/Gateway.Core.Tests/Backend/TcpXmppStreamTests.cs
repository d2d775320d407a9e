using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Core.Backend;
using Gateway.TestKit;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Tests.Backend;

public sealed class TcpXmppStreamTests
{
    private static readonly StreamHeader Header = new() { To = "example.org", Version = "1.0" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "XS-065")]
    [Trait("Requirement", "XS-068")]
    public async Task Read_SeveralElementsInOnePiece_ComeOneByOneFromOneFill()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<a/> \n <b>x</b><c/></stream:stream>");
            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);

        (await ReadAsync(stream, 5)).ShouldBe(["header s1", "<a/>", "<b>x</b>", "<c/>", "StreamClose"]);
        stream.TryRead(out _).ShouldBeFalse();
        (await stream.FillAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Read_NothingPending_HoldsNoBuffer()
    {
        var go = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<a/>");
            await peer.UntilAsync(go.Task);
            await peer.SendAsync("<pending");
            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);
        await ReadAsync(stream, 2);

        stream.TryRead(out _).ShouldBeFalse();
        var filling = stream.FillAsync(Token).AsTask();
        stream.BufferSize.ShouldBe(0);
        go.SetResult();
        (await filling.WithinAsync()).ShouldBeTrue();
        stream.TryRead(out _).ShouldBeFalse();
        filling = stream.FillAsync(Token).AsTask();
        stream.BufferSize.ShouldBeGreaterThan(0);

        await stream.DisposeAsync();
        (await filling.WithinAsync()).ShouldBeFalse();
        stream.BufferSize.ShouldBe(0);
    }

    [Fact]
    public async Task Read_ManyStreamsAfterBursts_NoneIsIdleWithABuffer()
    {
        const int Streams = 100;
        const int Elements = 200;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            for (var i = 0; i < Elements; i++)
            {
                await peer.SendAsync("<a/>");
            }

            await peer.ExpectEndAsync();
        });
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => ConnectAsync(server)));
        await Task.WhenAll(streams.Select(s => ReadAsync(s, Elements + 1)));

        var filling = streams.Select(s => s.FillAsync(Token).AsTask()).ToArray();

        // Readiness events that are late are behind us when those of later connections have come.
        for (var i = 0; i < 30; i++)
        {
            await using var later = await ConnectAsync(server);
            await ReadAsync(later, Elements + 1);
        }

        streams.Count(s => s.BufferSize != 0).ShouldBe(0);
        await Task.WhenAll(streams.Select(s => s.DisposeAsync().AsTask()));
        (await Task.WhenAll(filling).WithinAsync()).ShouldAllBe(more => !more);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(15_999)]
    [InlineData(70_001)]
    public async Task Read_LargeElementsInPiecesOfAnySize_AreWhole(int piece)
    {
        var large = $"<message><body>{new string('x', piece < 100 ? 2_000 : 300_000)}</body></message>";
        var sent = Encoding.UTF8.GetBytes(FakeXmppStream.DefaultHeader + "<a/>" + large + "<b/>" + large + "<c/>");
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            for (var at = 0; at < sent.Length; at += piece)
            {
                await peer.SendAsync(sent.AsMemory(at, Math.Min(piece, sent.Length - at)));
            }

            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);

        (await ReadAsync(stream, 6)).ShouldBe(["header s1", "<a/>", large, "<b/>", large, "<c/>"]);
    }

    [Fact]
    [Trait("Requirement", "XS-050")]
    public async Task Read_ElementOverTheLimit_EndsInAnErrorBeforeMuchIsBuffered()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            try
            {
                await peer.SendAsync(FakeXmppStream.DefaultHeader + "<message><body>");
                while (true)
                {
                    await peer.SendAsync(new string('x', 10_000));
                }
            }
            catch (IOException)
            {
                // The gateway does not listen to the end.
            }
        });
        await using var stream = await ConnectAsync(server, new FramingLimits(100_000));

        var seen = await ReadAsync(stream, 2);

        seen.ShouldBe(["header s1", "Error"]);
        stream.Error.ShouldBe(FramingError.TooBig);
        stream.BufferSize.ShouldBeLessThanOrEqualTo(256 * 1024);
        (await stream.FillAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Read_ServerDropsInAnElement_IsGoneAndNotClosed()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<message><bo");
            peer.Close();
        });
        await using var stream = await ConnectAsync(server);
        var seen = await ReadAsync(stream, 1);

        var rest = await DrainAsync(stream);

        seen.ShouldBe(["header s1"]);
        rest.ShouldBeEmpty(); // no StreamClose
        stream.BufferSize.ShouldBe(0);
    }

    [Fact]
    public async Task Read_ServerResets_IsGone()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            await peer.ExpectAsync("x");
            peer.Reset();
        });
        await using var stream = await ConnectAsync(server);
        await ReadAsync(stream, 1);
        await stream.WriteAsync("x"u8.ToArray(), Token);

        (await DrainAsync(stream)).ShouldBeEmpty();
        await Should.ThrowAsync<IOException>(async () => await stream.WriteAsync("y"u8.ToArray(), Token));
    }

    [Fact]
    public async Task Write_AfterDisposal_IsALostConnection()
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.ExpectEndAsync());
        var stream = await ConnectAsync(server);

        await stream.DisposeAsync();
        await stream.DisposeAsync();

        await Should.ThrowAsync<IOException>(async () => await stream.WriteAsync("y"u8.ToArray(), Token));
        (await stream.FillAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    [Trait("Requirement", "XS-042")]
    public async Task Restart_WhileTheReaderWaits_NewStreamOnTheSameConnectionWithFreshPrefixes()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader.Replace("<stream:stream ", "<stream:stream xmlns:old='urn:old' ", StringComparison.Ordinal) + "<success/>\n");
            (await peer.ExpectAsync("to='example.org'")).ShouldBe("<?xml version='1.0'?><stream:stream to='example.org'");
            await peer.ExpectAsync(">");
            await peer.SendAsync("<?xml version='1.0'?><s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' id='s2' version='1.0'><s:features/>");
            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);
        await ReadAsync(stream, 2);
        stream.TryRead(out _).ShouldBeFalse();
        stream.Scope.IndexOf("old"u8).ShouldBeGreaterThanOrEqualTo(0);
        var reading = ReadAsync(stream, 2);

        await stream.RestartAsync(Header, Token);

        (await reading.WithinAsync()).ShouldBe(["header s2", "<s:features/>"]);
        stream.Scope.IndexOf("old"u8).ShouldBe(-1);
    }

    [Theory]
    [Trait("Requirement", "XS-043")]
    [InlineData("<early/>")]
    [InlineData("<early")]
    public async Task Restart_BytesBehindSuccess_AreAnError(string early)
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<success/>" + early);
            await peer.ExpectAsync("to='example.org'");
            await peer.ExpectAsync(">");
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);
        await ReadAsync(stream, 2);

        await stream.RestartAsync(Header, Token);

        (await ReadAsync(stream, 1)).ShouldBe(["Error"]);
        stream.Error.ShouldBe(FramingError.BadFormat);
    }

    [Fact]
    public async Task Fill_Cancelled_LosesNothing()
    {
        var go = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            await peer.UntilAsync(go.Task);
            await peer.SendAsync("<a/>");
            await peer.ExpectEndAsync();
        });
        await using var stream = await ConnectAsync(server);
        await ReadAsync(stream, 1);
        using var cancel = new CancellationTokenSource();
        var filling = stream.FillAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(filling.WithinAsync());
        go.SetResult();

        (await ReadAsync(stream, 1)).ShouldBe(["<a/>"]);
    }

    private static async Task<TcpXmppStream> ConnectAsync(ScriptedXmppServer server, FramingLimits? limits = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), Token);
        return new TcpXmppStream(new SocketStream(socket), limits ?? TcpXmppStream.DefaultLimits, TimeProvider.System);
    }

    private static async Task<List<string>> ReadAsync(TcpXmppStream stream, int count)
    {
        var seen = new List<string>();
        while (seen.Count < count)
        {
            if (stream.TryRead(out var element))
            {
                seen.Add(Describe(stream, element));
            }
            else
            {
                (await stream.FillAsync(Token).WithinAsync()).ShouldBeTrue("after " + string.Join(' ', seen));
            }
        }

        return seen;
    }

    private static async Task<List<string>> DrainAsync(TcpXmppStream stream)
    {
        var seen = new List<string>();
        do
        {
            while (stream.TryRead(out var element))
            {
                seen.Add(Describe(stream, element));
            }
        }
        while (await stream.FillAsync(Token).WithinAsync());
        return seen;
    }

    private static string Describe(TcpXmppStream stream, StreamElement element) => element.Kind switch
    {
        StreamElementKind.StreamHeader => "header " + stream.Header.Id,
        StreamElementKind.FirstLevelElement => Encoding.UTF8.GetString(element.Slice(stream.Buffer)),
        var kind => kind.ToString(),
    };
}
