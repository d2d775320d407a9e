using System.Text;
using Gateway.Core.Backend;
using Gateway.TestKit;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Tests.Backend;

[Trait("Requirement", "XS-069")]
public sealed class StreamKeepAliveTests : IAsyncDisposable
{
    private const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='s'>";
    private const string Features = "<stream:features/>";
    private const string Success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

    private readonly ManualTimeProvider _time = new();
    private readonly StreamKeepAlive _keepAlive;
    private readonly RecordingStream _transport = new();
    private readonly TcpXmppStream _stream;

    public StreamKeepAliveTests()
    {
        _keepAlive = new StreamKeepAlive(_time);
        _stream = new TcpXmppStream(_transport, TcpXmppStream.DefaultLimits, _time, _keepAlive);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    [Fact]
    public async Task Silence_AfterLogin_IsEndedByOneSpaceEveryFiveMinutes()
    {
        await LogInAsync();

        Pass(TimeSpan.FromSeconds(299));
        _transport.Written.ShouldBe("");
        Pass(TimeSpan.FromSeconds(12));
        _transport.Written.ShouldBe(" ");
        Pass(TimeSpan.FromSeconds(295));
        _transport.Written.ShouldBe(" ");
        Pass(TimeSpan.FromSeconds(20));
        _transport.Written.ShouldBe("  ");
    }

    [Fact]
    public async Task Silence_BrokenByTheSession_StartsAnew()
    {
        await LogInAsync();
        for (var i = 0; i < 10; i++)
        {
            Pass(TimeSpan.FromSeconds(200));
            await _stream.WriteAsync("<a/>"u8.ToArray(), Token);
        }

        Pass(TimeSpan.FromSeconds(299));
        _transport.Written.ShouldBe(string.Concat(Enumerable.Repeat("<a/>", 10)));
    }

    [Theory]
    [InlineData("100", 50)]
    [InlineData(" 60 ", 30)]
    [InlineData("10000", 300)]
    [InlineData("1", 10)]
    [InlineData("soon", 300)]
    [InlineData("-100", 300)]
    public async Task Silence_BackendNamesItsIdleTime_HalfOfThatIfShorter(string idle, int seconds)
    {
        await LogInAsync($"<stream:features><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>7</max-bytes><idle-seconds>{idle}</idle-seconds></limits></stream:features>");

        Pass(TimeSpan.FromSeconds(seconds - 1));
        _transport.Written.ShouldBe("");
        Pass(TimeSpan.FromSeconds(12));
        _transport.Written.ShouldBe(" ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")]
    [InlineData("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")]
    [InlineData("<challenge xmlns='urn:xmpp:sasl:2'/>")]
    [InlineData(Success)]
    [Trait("Requirement", "XS-041")]
    public async Task Silence_BeforeTheStreamThatFollowsSasl_Stays(string sasl)
    {
        await ReadAsync(Header + Features + sasl);

        Pass(TimeSpan.FromHours(1));

        _transport.Written.ShouldBe("");
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "XS-046")]
    public async Task Silence_AfterSasl2_IsEndedWithoutARestart()
    {
        await ReadAsync(Header + Features + "<success xmlns='urn:xmpp:sasl:2'/>");

        Pass(TimeSpan.FromSeconds(311));

        _transport.Written.ShouldBe(" ");
    }

    [Fact]
    public async Task Space_WhileTheSessionWrites_IsNotSent()
    {
        await LogInAsync();
        var taken = _transport.Hold();
        var writing = _stream.WriteAsync("<a>long</a>"u8.ToArray(), Token).AsTask();

        Pass(TimeSpan.FromHours(1));
        taken.SetResult();
        await writing.WithinAsync();

        _transport.Written.ShouldBe("<a>long</a>");
        _transport.MostWriters.ShouldBe(1);
    }

    [Fact]
    public async Task Write_WhileASpaceIsNotTaken_WaitsForItAndCanBeGivenUp()
    {
        await LogInAsync();
        var taken = _transport.Hold();
        Pass(TimeSpan.FromHours(1));
        using var giveUp = new CancellationTokenSource();
        var givenUp = _stream.WriteAsync("<b/>"u8.ToArray(), giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(givenUp.WithinAsync());

        var writing = _stream.WriteAsync("<a/>"u8.ToArray(), Token).AsTask();
        writing.IsCompleted.ShouldBeFalse();
        taken.SetResult();
        await writing.WithinAsync();

        _transport.Written.ShouldBe(" <a/>");
        _transport.MostWriters.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task Close_IsFollowedByNothing()
    {
        await LogInAsync("<stream:features><limits xmlns='urn:xmpp:stream-limits:0'><idle-seconds>1</idle-seconds></limits></stream:features>");
        Pass(TimeSpan.FromSeconds(9));
        var closing = _stream.CloseCleanlyAsync(_time).AsTask();
        Pass(XmppStreamClosing.CloseTimeout);
        await closing.WithinAsync();
        Pass(TimeSpan.FromHours(1));

        _transport.Written.ShouldBe("</stream:stream>");
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    public async Task ManyStreams_OneTimer_AndNoneWhenTheyAreGone()
    {
        await LogInAsync();
        var others = new List<TcpXmppStream>();
        for (var i = 0; i < 100; i++)
        {
            var transport = new RecordingStream();
            others.Add(new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, _time, _keepAlive));
            await ReadAsync(others[i], transport, Header + Features + "<success xmlns='urn:xmpp:sasl:2'/>");
        }

        _time.ArmedTimers.ShouldBe(1);
        others.ForEach(s => s.DisposeAsync().AsTask().Wait(Token));
        _time.ArmedTimers.ShouldBe(1);
        await _stream.DisposeAsync();
        _time.ArmedTimers.ShouldBe(0);
    }

    private Task LogInAsync(string features = Features) => ReadAsync(Header + Features + Success, Header + features);

    private async Task ReadAsync(params string[] streams)
    {
        for (var i = 0; i < streams.Length; i++)
        {
            if (i > 0)
            {
                await _stream.RestartAsync(new StreamHeader { To = "example.org" }, Token);
                _transport.Written = "";
            }

            await ReadAsync(_stream, _transport, streams[i]);
        }
    }

    private static async Task ReadAsync(TcpXmppStream stream, RecordingStream transport, string xml)
    {
        transport.Input = Encoding.UTF8.GetBytes(xml);
        (await stream.FillAsync(Token).WithinAsync()).ShouldBeTrue();
        while (stream.TryRead(out var element))
        {
            element.Kind.ShouldNotBe(StreamElementKind.Error);
        }
    }

    private void Pass(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            _time.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Gives what it is told once, then waits; keeps what is written.</summary>
    private sealed class RecordingStream : Stream
    {
        private TaskCompletionSource? _hold;
        private int _writers;

        public byte[] Input { get; set; } = [];

        public string Written { get; set; } = "";

        public int MostWriters { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public TaskCompletionSource Hold() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Input.Length == 0)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var count = Math.Min(buffer.Length, Input.Length);
            Input.AsSpan(0, count).CopyTo(buffer.Span);
            Input = Input[count..];
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            MostWriters = Math.Max(MostWriters, Interlocked.Increment(ref _writers));
            if (_hold is { } hold)
            {
                await hold.Task.WaitAsync(cancellationToken);
                _hold = null;
            }

            Written += Encoding.UTF8.GetString(buffer.Span);
            Interlocked.Decrement(ref _writers);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
