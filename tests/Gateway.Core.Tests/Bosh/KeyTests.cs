namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 17, with its test vector.</summary>
public class KeyTests
{
    private const string K3 = "28b853b21e0ee53dec6e8b40445d497365a42c53";
    private const string K2 = "084fe6fa5cf2f61817eec9f732f4049fe28d7897";
    private const string K1 = "52ec812aee335b1a5d56c44b954e9dccf6c74644";

    private static MachineRig Keyed()
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("hold='1'", $"hold='1' newkey='{K3}'", StringComparison.Ordinal));
        rig.Open();
        return rig;
    }

    [Fact]
    [Trait("Requirement", "BOSH-117")]
    [Trait("Requirement", "BOSH-118")]
    [Trait("Requirement", "BOSH-119")]
    public void Keys_OfTheVector_AreAccepted()
    {
        var rig = Keyed();
        rig.Send(101, attributes: $"key='{K2}'");
        rig.Send(102, attributes: $"key='{K1}' newkey='6151f5610e7969c68b8fa8b6d00b626726152af9'");
        rig.Send(103, attributes: "key='cb498ed4c0593de904a3548e41428f5ce6533bd4'");
        rig.End.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("key='084fe6fa5cf2f61817eec9f732f4049fe28d7898'")]
    [InlineData("key='084FE6FA5CF2F61817EEC9F732F4049FE28D7897'")]
    [Trait("Requirement", "BOSH-116")]
    [Trait("Requirement", "BOSH-117")]
    public void Key_MissingOrWrong_EndsTheSessionUnprocessed(string attributes)
    {
        var rig = Keyed();
        rig.Body(rig.Send(101, "<a xmlns='x'/>", attributes)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
        rig.Written.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "BOSH-120")]
    public void Repeat_WithAnotherKey_GetsNoCachedResponse()
    {
        var rig = Keyed();
        rig.Send(101, attributes: $"key='{K2}'");
        rig.Backend("<secret/>");
        rig.Body(rig.Send(101, attributes: $"key='{K1}'")).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }
}
