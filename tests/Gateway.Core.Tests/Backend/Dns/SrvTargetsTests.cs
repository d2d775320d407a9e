using Gateway.Core.Backend.Dns;

namespace Gateway.Core.Tests.Backend.Dns;

public sealed class SrvTargetsTests
{
    private static readonly SrvRecord A = new(0, 0, 5222, "a");
    private static readonly SrvRecord B = new(0, 1, 5222, "b");
    private static readonly SrvRecord C = new(0, 3, 5222, "c");

    [Theory]
    [InlineData(0, "a")]
    [InlineData(1, "b")]
    [InlineData(2, "c")]
    [InlineData(3, "c")]
    [InlineData(4, "c")]
    [Trait("Requirement", "DISC-027")]
    public void Order_TheChecklistsVector_FirstIsAsDrawn(int drawn, string first) => Order([A, B, C], drawn)[0].ShouldBe(first);

    [Theory]
    [InlineData(0, "c a b")]
    [InlineData(1, "c b a")]
    [Trait("Requirement", "DISC-027")]
    public void Order_TheChecklistsVectorAfterC_IsDrawnFromTheRest(int drawn, string order) => string.Join(' ', Order([A, B, C], 4, drawn)).ShouldBe(order);

    [Fact]
    [Trait("Requirement", "DISC-027")]
    public void Order_Draws_AreFromZeroToTheSumBothIncluded()
    {
        var bounds = new List<int>();
        SrvTargets.Order([A, B, C], r => r, max =>
        {
            bounds.Add(max);
            return max;
        });

        // The shuffle of three, then the sums of what is left when the last is always taken.
        bounds.ShouldBe([2, 1, 4, 1, 0]);
    }

    [Fact]
    [Trait("Requirement", "DISC-026")]
    public void Order_Priorities_LowestFirstWhateverTheWeights() =>
        SrvTargets.Order([new SrvRecord(20, 65535, 1, "late"), new SrvRecord(5, 0, 1, "first"), new SrvRecord(10, 1, 1, "second")], r => r, max => max)
            .Select(r => r.Target).ShouldBe(["first", "second", "late"]);

    [Fact]
    [Trait("Requirement", "DISC-027")]
    public void Order_AllWeightsZero_IsShuffled()
    {
        var random = new Random(1);
        var seen = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            seen.Add(string.Concat(SrvTargets.Order([A, A with { Target = "x" }, A with { Target = "y" }], r => r, max => random.Next(max + 1)).Select(r => r.Target)));
        }

        seen.Count.ShouldBe(6);
    }

    [Fact]
    [Trait("Requirement", "DISC-025")]
    [Trait("Requirement", "DISC-027")]
    public void Order_TheChecklistsMixedExample_IsDrawnByWeight()
    {
        SrvRecord a = new(5, 10, 5223, "a"), b = new(5, 30, 5222, "b"), c = new(10, 0, 5222, "c");
        for (var drawn = 0; drawn <= 40; drawn++)
        {
            string.Concat(Order([a, b, c], drawn)).ShouldBe(drawn <= 10 ? "abc" : "bac");
        }
    }

    /// <summary>Without a shuffle: the numbers are for the draws by weight, then 0.</summary>
    private static List<string> Order(SrvRecord[] records, params int[] drawn)
    {
        var shuffles = records.GroupBy(r => r.Priority).First().Count() - 1;
        var next = 0;
        return [.. SrvTargets.Order(records, r => r, max => shuffles-- > 0 ? max : next < drawn.Length ? drawn[next++] : 0).Select(r => r.Target)];
    }
}
