using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gateway.TestKit;
using Gateway.Transports.Bosh;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>Whatever is read early, the server sees what it would have seen by itself.</summary>
public sealed class WatchedInputTests : IDuplexPipe
{
    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly WatchedInput _input;
    private readonly List<object> _told = [];

    public WatchedInputTests() => _input = new WatchedInput(this, default);

    PipeReader IDuplexPipe.Input => _pipe.Reader;

    PipeWriter IDuplexPipe.Output => new Pipe().Writer;

    private bool Watch(object watcher) => _input.Watch(_told.Add, static _ => { }, watcher);

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));

    private async Task<string> ReadAsync()
    {
        var result = await _input.ReadAsync().WithinAsync();
        return Take(result);
    }

    private string Take(ReadResult result)
    {
        var text = Encoding.ASCII.GetString(result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.End);
        return text;
    }

    [Fact]
    public async Task Watched_InputComes_TheWatcherIsToldOnceAndTheServerGetsIt()
    {
        Watch("w").ShouldBeFalse();
        await WriteAsync("ab");
        _told.ShouldBe(["w"]);
        await WriteAsync("cd");
        (await ReadAsync()).ShouldBe("ab"); // what one read brought; the rest is the next one's
        (await ReadAsync()).ShouldBe("cd");
        _told.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Watched_InputIsThere_IsSaidAtOnceAndNobodyIsTold()
    {
        await WriteAsync("ab");
        Watch("w").ShouldBeTrue();
        _told.ShouldBeEmpty();
        _input.TryRead(out var result).ShouldBeTrue();
        Take(result).ShouldBe("ab");
        _input.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Watched_InputHasBroken_IsAtItsEnd()
    {
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        Watch("w").ShouldBeFalse();
        _told.ShouldBeEmpty();
        await ShouldBeAtItsEndAsync(_input.ReadAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    [Trait("Requirement", "BOSH-089")]
    public async Task InputBreaks_BehindWhatWasKept_AllOfThatIsRead()
    {
        Watch("w");
        await WriteAsync("head|body");
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        (await ReadStartAsync(5)).ShouldBe("head|body");
        _input.TryRead(out var result).ShouldBeTrue();
        Take(result).ShouldBe("body");
        await Should.ThrowAsync<IOException>(async () => await _input.ReadAsync());
    }

    [Theory]
    [InlineData("next", true)]
    [InlineData("\r\n", false)]
    public async Task Watched_NextLiesBehindTheRequestAlready_IsSaidAtOnce(string behind, bool isThere)
    {
        await WriteAsync("first" + behind);
        (await ReadStartAsync(5)).ShouldBe("first" + behind);
        Watch("w").ShouldBe(isThere);
        await WriteAsync("more");
        _told.Count.ShouldBe(isThere ? 0 : 1);
        (await ReadAsync() + (isThere ? await ReadAsync() : "")).ShouldBe(behind + "more");
    }

    private async Task<string> ReadStartAsync(int length)
    {
        var result = await _input.ReadAsync().WithinAsync();
        _input.AdvanceTo(result.Buffer.GetPosition(length));
        return Encoding.ASCII.GetString(result.Buffer.ToArray());
    }

    [Fact]
    public async Task ServerAsks_WhileReading_GetsTheInputAndNobodyIsTold()
    {
        Watch("w");
        _input.TryRead(out _).ShouldBeFalse();
        var read = ReadAsync();
        await WriteAsync("ab");
        (await read).ShouldBe("ab");
        _told.ShouldBeEmpty();
        var next = ReadAsync();
        await WriteAsync("cd");
        (await next).ShouldBe("cd");
    }

    [Fact]
    public async Task Unwatched_InputComes_NobodyIsToldAndNothingIsLost()
    {
        Watch("first");
        _input.Unwatch();
        await WriteAsync("ab");
        _told.ShouldBeEmpty();
        (await ReadAsync()).ShouldBe("ab");
        Watch("second");
        await WriteAsync("cd");
        _told.ShouldBe(["second"]);
    }

    [Fact]
    public async Task PartlyConsumed_TheRestComesAgain()
    {
        Watch("w");
        await WriteAsync("abc");
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        _input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        var more = ReadAsync();
        more.IsCompleted.ShouldBeFalse();
        await WriteAsync("d");
        (await more).ShouldBe("bcd");
    }

    [Theory]
    [InlineData("\r\n", false)]
    [InlineData("\n", false)]
    [InlineData("\r", false)]
    [InlineData("\r\n\r", true)]
    [InlineData("\r\nP", true)]
    [InlineData("P", true)]
    public async Task EmptyLine_IsNoRequest(string input, bool told)
    {
        Watch("w");
        await WriteAsync(input);
        (_told.Count == 1).ShouldBe(told);
        await WriteAsync("POST");
        _told.Count.ShouldBe(1);
        (await ReadAsync()).ShouldStartWith(input);
    }

    [Fact]
    public async Task End_IsNoRequest()
    {
        Watch("w");
        await _pipe.Writer.CompleteAsync();
        _told.ShouldBeEmpty();
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        result.IsCompleted.ShouldBeTrue();
        result.Buffer.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Break_WithNothingKept_IsAnEnd(bool asked)
    {
        Watch("w");
        var read = asked ? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask() : null;
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        await ShouldBeAtItsEndAsync(read ?? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        _told.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_IsTheServersToSee(bool asked)
    {
        Watch("w");
        var read = asked ? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask() : null;
        await _pipe.Writer.CompleteAsync(new NotSupportedException("bug"));
        await Should.ThrowAsync<NotSupportedException>(read ?? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        _told.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CancelPendingRead_WhileReading_CancelsThatRead(bool asked)
    {
        Watch("w");
        var read = asked ? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask() : null;
        _input.CancelPendingRead();
        var result = await (read ?? _input.ReadAsync(TestContext.Current.CancellationToken).AsTask()).WithinAsync();
        result.IsCanceled.ShouldBeTrue();
        result.Buffer.IsEmpty.ShouldBeTrue();
        _input.AdvanceTo(result.Buffer.Start);
        _told.ShouldBeEmpty();
        await WriteAsync("ab");
        (await ReadAsync()).ShouldBe("ab");
    }

    [Fact]
    public async Task CancelPendingRead_WithInputKept_CancelsThatReadAndNoOther()
    {
        Watch("w");
        await WriteAsync("ab");
        _input.CancelPendingRead();
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        result.IsCanceled.ShouldBeTrue();
        Take(result).ShouldBe("ab");
        await WriteAsync("cd");
        result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        result.IsCanceled.ShouldBeFalse();
    }

    [Fact]
    public async Task Complete_WhileReading_EndsTheReadAndThenTheInput()
    {
        Watch("w");
        _input.Complete();
        await _input.CompleteAsync().WithinAsync();
        (await _pipe.Writer.FlushAsync(TestContext.Current.CancellationToken)).IsCompleted.ShouldBeTrue();
        _told.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Complete_WithNothingUnderWay_EndsTheInput(bool kept)
    {
        if (kept)
        {
            Watch("w");
            await WriteAsync("ab");
        }

        await _input.CompleteAsync().WithinAsync();
        (await _pipe.Writer.FlushAsync(TestContext.Current.CancellationToken)).IsCompleted.ShouldBeTrue();
    }

    /// <summary>However often the server looks.</summary>
    private async Task ShouldBeAtItsEndAsync(Task<ReadResult> read)
    {
        var result = await read.WithinAsync();
        for (var i = 0; i < 2; i++)
        {
            result.IsCompleted.ShouldBeTrue();
            result.Buffer.IsEmpty.ShouldBeTrue();
            _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            _input.TryRead(out result).ShouldBeTrue();
        }

        _input.AdvanceTo(result.Buffer.Start);
        (await _input.ReadAsync(TestContext.Current.CancellationToken)).IsCompleted.ShouldBeTrue();
    }
}
