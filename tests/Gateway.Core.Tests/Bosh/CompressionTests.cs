using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>BOSH-011: which responses may go compressed, where compression is on.</summary>
public sealed class CompressionTests
{
    private const string Success2 = "<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' token='t'/></success>";

    private static MachineRig LoggedIn(bool isOn) => MachineRig.LoggedIn(options: new BoshOptions { Compression = isOn });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "BOSH-011")]
    public void Stanzas_AfterTheLogin_MayGoCompressedIfTheDomainWantsIt(bool isOn)
    {
        var rig = LoggedIn(isOn);
        var request = rig.Send(105);
        rig.Backend("<message/>");
        rig.Response(request).MayCompress.ShouldBe(isOn);
    }

    [Theory]
    [InlineData(DownPayloadKind.Sasl)]
    [InlineData(DownPayloadKind.SaslFailure)]
    [InlineData(DownPayloadKind.SaslSuccess)]
    [InlineData(DownPayloadKind.Sasl2Success)]
    [InlineData(DownPayloadKind.Sasl2SuccessResumable)]
    [Trait("Requirement", "BOSH-011")]
    [Trait("Requirement", "BOSH-028")]
    public void LoginElement_BetweenStanzas_IsAloneAndNeverCompressed(DownPayloadKind kind)
    {
        var rig = LoggedIn(isOn: true);
        rig.Backend("<message id='1'/>");
        rig.Backend(kind, Success2);
        if (kind != DownPayloadKind.SaslSuccess)
        {
            rig.Backend("<message id='2'/>");
        }

        rig.Response(rig.Send(105)).MayCompress.ShouldBeTrue();
        var login = rig.Send(106);
        rig.Body(login).ShouldBe(MachineRig.Carrying(Success2));
        rig.Response(login).MayCompress.ShouldBeFalse();
    }

    [Fact]
    [Trait("Requirement", "BOSH-011")]
    public void Response_BeforeTheLogin_MayNotGoCompressed()
    {
        var rig = new MachineRig(options: new BoshOptions { Compression = true });
        rig.Open();
        rig.Response(rig.CreationRequest).MayCompress.ShouldBeFalse();
        var request = rig.Send(101);
        rig.Backend(DownPayloadKind.Other, "<x/>");
        rig.Response(request).MayCompress.ShouldBeFalse();
    }

    [Fact]
    [Trait("Requirement", "BOSH-011")]
    public void Repeat_OfALoginsAnswer_IsNotCompressedEither()
    {
        var rig = LoggedIn(isOn: true);
        rig.Backend(DownPayloadKind.Sasl2Success, Success2);
        rig.Send(105);
        rig.Response(rig.Send(105)).MayCompress.ShouldBeFalse();
    }
}
