using System.Buffers;
using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.Xmpp.Tests.Buffers;

public sealed class PooledByteWriterTests
{
    [Fact]
    public void New_HoldsNothing()
    {
        using var writer = new PooledByteWriter();

        writer.WrittenCount.ShouldBe(0);
        writer.WrittenSpan.Length.ShouldBe(0);
        writer.WrittenMemory.Length.ShouldBe(0);
        writer.Clear();
    }

    [Fact]
    public void Writes_OfManySizes_StandOneBehindTheOther()
    {
        using var writer = new PooledByteWriter();
        var expected = new List<byte>();
        for (var size = 0; size < 600; size++)
        {
            var bytes = Enumerable.Repeat((byte)size, size).ToArray();
            expected.AddRange(bytes);
            switch (size % 3)
            {
                case 0:
                    writer.Write(bytes);
                    break;
                case 1:
                    bytes.CopyTo(writer.GetSpan(size));
                    writer.Advance(size);
                    break;
                default:
                    bytes.CopyTo(writer.GetMemory(size));
                    writer.Advance(size);
                    break;
            }
        }

        writer.WrittenSpan.SequenceEqual(expected.ToArray()).ShouldBeTrue();
        writer.WrittenMemory.Span.SequenceEqual(expected.ToArray()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Span_HasAtLeastWhatIsAsked(int hint)
    {
        using var writer = new PooledByteWriter();
        writer.Write("x"u8);

        writer.GetSpan(hint).Length.ShouldBeGreaterThanOrEqualTo(Math.Max(1, hint));
        writer.GetMemory(hint).Length.ShouldBeGreaterThanOrEqualTo(Math.Max(1, hint));
        Text(writer).ShouldBe("x");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Advance_BeyondTheSpan_IsRefused(int count)
    {
        using var writer = new PooledByteWriter();
        writer.GetSpan(1);

        Should.Throw<ArgumentOutOfRangeException>(() => writer.Advance(count));
        writer.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void Truncate_TakesBack()
    {
        using var writer = new PooledByteWriter();
        writer.Write("abcdef"u8);

        writer.Truncate(2);
        writer.Write("x"u8);

        Text(writer).ShouldBe("abx");
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Truncate(4));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Truncate(-1));
    }

    [Fact]
    public void Written_IsOverwrittenInPlace()
    {
        using var writer = new PooledByteWriter();
        writer.Write("abcdef"u8);

        "XY"u8.CopyTo(writer.Written(2, 2));

        Text(writer).ShouldBe("abXYef");
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Written(5, 2).Length);
    }

    [Fact]
    public void Clear_ThenWrite_BeginsAnew()
    {
        using var writer = new PooledByteWriter();
        writer.Write(new byte[5000]);

        writer.Clear();
        writer.WrittenCount.ShouldBe(0);
        writer.Clear();
        writer.Write("x"u8);

        Text(writer).ShouldBe("x");
    }

    [Fact]
    public void BufferWriter_Extensions_Work()
    {
        using var writer = new PooledByteWriter();
        IBufferWriter<byte> output = writer;

        output.Write("é"u8);
        Encoding.UTF8.GetBytes("🍌", output);

        Text(writer).ShouldBe("é🍌");
    }

    private static string Text(PooledByteWriter writer) => Encoding.UTF8.GetString(writer.WrittenSpan);
}
