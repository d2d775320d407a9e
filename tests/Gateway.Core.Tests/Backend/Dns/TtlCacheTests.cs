using Gateway.Core.Backend.Dns;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Dns;

public sealed class TtlCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private int _fetches;

    [Fact]
    [Trait("Requirement", "DISC-034")]
    public async Task Get_WithinItsTime_IsKept()
    {
        var cache = new TtlCache<string, int>(10, _ => true, _time);

        (await cache.GetAsync("a", Fetch(10))).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(9));
        (await cache.GetAsync("a", Fetch(10))).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        (await cache.GetAsync("a", Fetch(10))).ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "DISC-034")]
    public async Task Get_InTheLastFifth_FetchesMeanwhileAndTakesWhatIsAnAnswer(bool isAnswer)
    {
        var cache = new TtlCache<string, int>(10, value => value != 7 || isAnswer, _time);
        var source = new TaskCompletionSource<(int, TimeSpan)>();
        Task<(int, TimeSpan)> Slow(string key)
        {
            _fetches++;
            return source.Task;
        }

        (await cache.GetAsync("a", Fetch(10))).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(8.5));
        (await cache.GetAsync("a", Slow).WithinAsync()).ShouldBe(1, "nobody waits");
        (await cache.GetAsync("a", Slow).WithinAsync()).ShouldBe(1);
        _fetches.ShouldBe(2, "one refresh");

        source.SetResult((7, TimeSpan.FromSeconds(10)));
        (await cache.GetAsync("a", Slow).WithinAsync()).ShouldBe(isAnswer ? 7 : 1);
        _time.Advance(TimeSpan.FromSeconds(2));
        (await cache.GetAsync("a", Fetch(10)).WithinAsync()).ShouldBe(isAnswer ? 7 : 3, "its own time");
    }

    [Fact]
    [Trait("Requirement", "DISC-034")]
    public async Task Get_WhileItIsFetched_WaitsForTheSame()
    {
        var cache = new TtlCache<string, int>(10, _ => true, _time);
        var source = new TaskCompletionSource<(int, TimeSpan)>();
        Task<(int, TimeSpan)> Slow(string key)
        {
            _fetches++;
            return source.Task;
        }

        var one = cache.GetAsync("a", Slow);
        var two = cache.GetAsync("a", Slow);
        source.SetResult((7, TimeSpan.FromSeconds(1)));

        (await one.WithinAsync(), await two.WithinAsync(), _fetches).ShouldBe((7, 7, 1));
    }

    [Fact]
    public async Task Get_MoreKeysThanFit_StaysBoundedAndKeepsTheLongest()
    {
        var cache = new TtlCache<string, int>(10, _ => true, _time);
        await cache.GetAsync("long", Fetch(1000));
        for (var i = 0; i < 100; i++)
        {
            await cache.GetAsync($"k{i}", Fetch(10 + i));
        }

        cache.Count.ShouldBe(10);
        (await cache.GetAsync("long", Fetch(1))).ShouldBe(1);
    }

    [Fact]
    public async Task Get_FetchFails_IsNotKept()
    {
        var cache = new TtlCache<string, int>(10, _ => true, _time);

        await Should.ThrowAsync<IOException>(cache.GetAsync("a", _ => Task.FromException<(int, TimeSpan)>(new IOException())));
        (await cache.GetAsync("a", Fetch(1))).ShouldBe(1);
    }

    private Func<string, Task<(int, TimeSpan)>> Fetch(int seconds) => _ => Task.FromResult((++_fetches, TimeSpan.FromSeconds(seconds)));
}
