using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

/// <summary>The buffers of all connections.</summary>
public sealed class TransportMemoryTests
{
    [Fact]
    public void Blocks_AreRoomyAndNobodyElsesUntilTheyAreReturned()
    {
        using var pool = new TransportMemory();
        var rented = Enumerable.Range(0, 100).Select(_ => pool.Rent(4096)).ToArray();

        rented.ShouldAllBe(block => block.Memory.Length == pool.MaxBufferSize);
        rented.Distinct().Count().ShouldBe(rented.Length);
        foreach (var block in rented)
        {
            block.Dispose();
        }
    }

    [Fact]
    public void Rent_MoreThanABlock_IsRefused()
    {
        using var pool = new TransportMemory();
        Should.Throw<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }
}
