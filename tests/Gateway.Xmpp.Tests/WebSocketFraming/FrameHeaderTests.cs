using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Xmpp.Tests.WebSocketFraming;

/// <summary>Headers of client frames, whole and cut, and the mask (RFC 6455 §5).</summary>
public sealed class FrameHeaderTests
{
    [Theory]
    [InlineData("818537FA213D", FrameOpcode.Text, true, 5, 6)] // RFC 6455 §5.7
    [InlineData("018537FA213D", FrameOpcode.Text, false, 5, 6)]
    [InlineData("808037FA213D", FrameOpcode.Continuation, true, 0, 6)]
    [InlineData("82FE010037FA213D", FrameOpcode.Binary, true, 256, 8)] // RFC 6455 §5.7
    [InlineData("82FF000000000001000037FA213D", FrameOpcode.Binary, true, 65536, 14)] // RFC 6455 §5.7
    [InlineData("82FF7FFFFFFFFFFFFFFF37FA213D", FrameOpcode.Binary, true, long.MaxValue, 14)]
    [InlineData("88FD37FA213D", FrameOpcode.Close, true, 125, 6)]
    [InlineData("898537FA213D", FrameOpcode.Ping, true, 5, 6)]
    [InlineData("8A8037FA213D", FrameOpcode.Pong, true, 0, 6)]
    [Trait("Requirement", "WS-019")]
    [Trait("Requirement", "WS-020")]
    public void Read_Header_IsFoundOnceItIsWhole(string hex, FrameOpcode opcode, bool isFinal, long payload, int length)
    {
        var bytes = Convert.FromHexString(hex);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            FrameHeader.TryRead(bytes.AsSpan(0, cut), false, out var part).ShouldBeTrue();
            part.Length.ShouldBe(0);
        }

        FrameHeader.TryRead([.. bytes, 0xFF], false, out var header).ShouldBeTrue();
        header.ShouldSatisfyAllConditions(
            h => h.Opcode.ShouldBe(opcode),
            h => h.IsFinal.ShouldBe(isFinal),
            h => h.PayloadLength.ShouldBe(payload),
            h => h.Length.ShouldBe(length),
            h => h.IsCompressed.ShouldBeFalse());
    }

    [Theory]
    [InlineData("8105", 2)] // WS-018: no mask
    [InlineData("A1", 1)] // RSV2
    [InlineData("91", 1)] // RSV3
    [InlineData("C1", 1)] // RSV1, and nothing was agreed on
    [InlineData("83", 1)]
    [InlineData("87", 1)]
    [InlineData("8B", 1)]
    [InlineData("8F", 1)]
    [InlineData("08", 1)] // control frames are never fragmented
    [InlineData("09", 1)]
    [InlineData("0A", 1)]
    [InlineData("88FE", 2)] // nor long
    [InlineData("89FF", 2)]
    [InlineData("81FF80", 3)] // top bit of the length
    [InlineData("81FFFFFFFFFFFFFFFFFF37FA213D", 3)]
    [Trait("Requirement", "WS-018")]
    [Trait("Requirement", "WS-019")]
    public void Read_HeaderAgainstTheProtocol_IsRefusedAsSoonAsItShows(string hex, int shows)
    {
        var bytes = Convert.FromHexString(hex);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            FrameHeader.TryRead(bytes.AsSpan(0, cut), false, out _).ShouldBe(cut < shows);
        }
    }

    [Theory]
    [InlineData("C18537FA213D", true)]
    [InlineData("428537FA213D", true)]
    [InlineData("C08537FA213D", false)]
    [InlineData("C98537FA213D", false)]
    [InlineData("C88537FA213D", false)]
    [Trait("Requirement", "WS-058")]
    public void Read_Rsv1WhereCompressionIsAgreedOn_BelongsToTheFirstFrameOfAMessage(string hex, bool isAllowed)
    {
        FrameHeader.TryRead(Convert.FromHexString(hex), true, out var header).ShouldBe(isAllowed);
        header.IsCompressed.ShouldBe(isAllowed);
    }

    [Fact]
    [Trait("Requirement", "WS-018")]
    public void Unmask_AnyLength_IsTheTransformationOfTheSpecification()
    {
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        for (var length = 0; length < 200; length++)
        {
            FrameHeader.TryRead([0x81, 0x80, .. key], false, out var header).ShouldBeTrue();
            var payload = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
            var masked = payload.Select((b, i) => (byte)(b ^ key[i % 4])).ToArray();

            header.Unmask(masked);

            masked.ShouldBe(payload);
        }
    }
}
