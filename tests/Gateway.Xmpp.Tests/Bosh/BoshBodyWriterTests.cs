using System.Text;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;

namespace Gateway.Xmpp.Tests.Bosh;

/// <summary>The exact forms of bosh.md's examples.</summary>
public class BoshBodyWriterTests
{
    private static string Text(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);

    private static string Start(in BoshResponseAttributes attributes, bool isEmpty)
    {
        using var output = new PooledByteWriter();
        BoshBodyWriter.WriteStart(output, attributes, isEmpty);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Fact]
    [Trait("Requirement", "BOSH-056")]
    public void Empty_HasTheLengthOfTheExample() => BoshBodyWriter.Empty.Length.ShouldBe(51);

    [Fact]
    public void RecoverableError_HasTheLengthOfTheExample() => BoshBodyWriter.RecoverableError.Length.ShouldBe(64);

    [Fact]
    public void Terminal_WithoutCondition_HasTheLengthOfTheExample() => BoshBodyWriter.Terminal(null).Length.ShouldBe(68);

    [Theory]
    [InlineData(TerminalCondition.BadRequest, "bad-request")]
    [InlineData(TerminalCondition.HostGone, "host-gone")]
    [InlineData(TerminalCondition.HostUnknown, "host-unknown")]
    [InlineData(TerminalCondition.ImproperAddressing, "improper-addressing")]
    [InlineData(TerminalCondition.InternalServerError, "internal-server-error")]
    [InlineData(TerminalCondition.ItemNotFound, "item-not-found")]
    [InlineData(TerminalCondition.OtherRequest, "other-request")]
    [InlineData(TerminalCondition.PolicyViolation, "policy-violation")]
    [InlineData(TerminalCondition.RemoteConnectionFailed, "remote-connection-failed")]
    [InlineData(TerminalCondition.RemoteStreamError, "remote-stream-error")]
    [InlineData(TerminalCondition.SeeOtherUri, "see-other-uri")]
    [InlineData(TerminalCondition.SystemShutdown, "system-shutdown")]
    [InlineData(TerminalCondition.UndefinedCondition, "undefined-condition")]
    [Trait("Requirement", "BOSH-092")]
    public void Terminal_HasTheNameOfTheTable(TerminalCondition condition, string name) =>
        Text(BoshBodyWriter.Terminal(condition)).ShouldBe($"<body type='terminate' condition='{name}' xmlns='http://jabber.org/protocol/httpbind'/>");

    [Fact]
    public void Start_Report_IsTheExample() =>
        Start(new BoshResponseAttributes { Report = 1573741824, Time = 2852 }, isEmpty: true)
            .ShouldBe("<body report='1573741824' time='2852' xmlns='http://jabber.org/protocol/httpbind'/>");

    [Fact]
    [Trait("Requirement", "BOSH-027")]
    public void Start_WithFeatures_IsTheExample() =>
        Start(new BoshResponseAttributes { DeclaresStream = true }, isEmpty: false)
            .ShouldBe("<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>");

    [Fact]
    [Trait("Requirement", "BOSH-045")]
    [Trait("Requirement", "BOSH-124")]
    public void Start_Creation_IsTheExample() =>
        Start(
            new BoshResponseAttributes
            {
                Creation = new BoshCreation("kTq0cK7mVw2sE1xYb8RzJQ", 60, 2, 1, 60, 2, 120, new BoshVersion(1, 6), "example.com"),
                AuthId = "9c1f2e",
                XmppVersion = "1.0",
                DeclaresStream = true,
            },
            isEmpty: false).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmlns:stream='http://etherx.jabber.org/streams' sid='kTq0cK7mVw2sE1xYb8RzJQ' wait='60' "
            + "requests='2' hold='1' inactivity='60' polling='2' maxpause='120' ver='1.6' from='example.com' authid='9c1f2e' xmpp:version='1.0' xmpp:restartlogic='true'>");

    [Fact]
    [Trait("Requirement", "BOSH-043")]
    public void Start_CreationOfALegacyClientWithoutPollingAndPause_LeavesThemOut() =>
        Start(new BoshResponseAttributes { Creation = new BoshCreation("s", 60, 2, 1, 60, 0, 0, null, "a&b") }, isEmpty: true).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' sid='s' wait='60' requests='2' hold='1' inactivity='60' from='a&amp;b' xmpp:restartlogic='true'/>");
}
