using System.Net;
using System.Net.Sockets;
using Gateway.Core.Backend;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class AddressRaceTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly List<Socket> _sockets = [];

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    [Fact]
    [Trait("Requirement", "DISC-033")]
    public void Interleave_BothFamilies_AlternateBeginningWithIPv6()
    {
        string[] given = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"];

        AddressRace.Interleave(given.Select(IPAddress.Parse)).Select(a => a.ToString())
            .ShouldBe(["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"]);
    }

    [Fact]
    [Trait("Requirement", "DISC-033")]
    public async Task Connect_TheFirstDoesNotAnswer_TheSecondStartsAfterAMomentAndWins()
    {
        var port = Silent("127.0.0.2", 0);
        var answering = Listening("127.0.0.3", port);

        var connecting = ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], port, CancellationToken.None).AsTask();
        await _time.TimerArmedAsync(AddressRace.Delay);
        answering.Poll(0, SelectMode.SelectRead).ShouldBeFalse();
        connecting.IsCompleted.ShouldBeFalse();
        _time.Advance(AddressRace.Delay);

        var (socket, address) = await connecting.WithinAsync();
        socket.Dispose();
        address.ShouldBe(new IPEndPoint(IPAddress.Parse("127.0.0.3"), port));
        await TestTimeout.UntilAsync(() => _time.ArmedTimers == 0);
    }

    [Fact]
    [Trait("Requirement", "DISC-033")]
    public async Task Connect_TheFirstRefuses_TheSecondStartsAtOnce()
    {
        var port = ((IPEndPoint)Listening("127.0.0.3", 0).LocalEndPoint!).Port;

        var (socket, address) = await ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], port, CancellationToken.None).WithinAsync();

        socket.Dispose();
        address.ShouldBe(new IPEndPoint(IPAddress.Parse("127.0.0.3"), port));
    }

    [Fact]
    [Trait("Requirement", "DISC-033")]
    public async Task Connect_TheEarlierOneAnswersLast_IsNotGivenUpMeanwhile()
    {
        var port = Silent("127.0.0.2", 0);
        var first = _sockets[0];

        var connecting = ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], port, CancellationToken.None).AsTask();
        await _time.TimerArmedAsync(AddressRace.Delay);
        _time.Advance(AddressRace.Delay); // 127.0.0.3 refuses: nobody is there

        // It makes room, and what knocks hears something when the system knocks again.
        await TestTimeout.UntilAsync(() =>
        {
            if (first.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            {
                _sockets.Add(first.Accept());
            }

            return connecting.IsCompleted;
        });

        var (socket, address) = await connecting;
        socket.Dispose();
        address.ShouldBe(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
    }

    [Fact]
    public async Task Connect_SomeFail_WhoIsLeftWasNotTriedToItsEnd()
    {
        var port = ((IPEndPoint)Listening("127.0.0.3", 0).LocalEndPoint!).Port;
        List<IPAddress> left = [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3"), IPAddress.Parse("127.0.0.4")];

        (await ConnectAsync(left, port, CancellationToken.None).WithinAsync()).Socket.Dispose();

        left.ShouldBe([IPAddress.Parse("127.0.0.4")]);
    }

    [Fact]
    public async Task Connect_TheOnlyOneDoesNotAnswer_EndsWithTheStepsTime()
    {
        var port = Silent("127.0.0.2", 0);
        var connecting = ConnectAsync([IPAddress.Parse("127.0.0.2")], port, CancellationToken.None).AsTask();
        await _time.TimerArmedAsync(Timeout);
        _time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        connecting.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await Should.ThrowAsync<BackendConnectException>(() => connecting.WithinAsync())).Message.ShouldBe("no TCP connection within 5 s");
    }

    [Fact]
    public async Task Connect_IsGivenUp_EndsAtOnce()
    {
        var port = Silent("127.0.0.2", 0);
        Silent("127.0.0.3", port);
        using var giveUp = new CancellationTokenSource();
        var connecting = ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], port, giveUp.Token).AsTask();
        await _time.TimerArmedAsync(AddressRace.Delay);

        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => connecting.WithinAsync());
        await TestTimeout.UntilAsync(() => _time.ArmedTimers == 0);
    }

    private async ValueTask<(Socket Socket, IPEndPoint Address)> ConnectAsync(List<IPAddress> left, int port, CancellationToken ct)
    {
        using var limit = new StepLimit(_time, ct);
        return await AddressRace.ConnectAsync(left, port, Timeout, limit, _time);
    }

    private Socket Listening(string address, int port, int backlog = 16)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>A listener that is full: who knocks hears nothing.</summary>
    private int Silent(string address, int port)
    {
        var listener = Listening(address, port, backlog: 0);
        for (var i = 0; i < 4; i++)
        {
            var knocking = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _sockets.Add(knocking);
            try
            {
                knocking.Connect(listener.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // Not at once: it is full.
            }
        }

        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
