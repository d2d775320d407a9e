using System.Text;
using Gateway.Core.Backend;
using Gateway.TestKit;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Tests.Backend;

public sealed class XmppStreamClosingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeXmppStream _stream = new();
    private readonly List<string> _delivered = [];

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task CloseCleanly_ServerStillSpeaks_EverythingIsDeliveredUntilItsClose()
    {
        var closing = _stream.CloseCleanlyAsync(_time, DeliverAsync).AsTask();
        await _stream.ExpectAsync("</stream:stream>");
        _stream.Receive("<message/><iq");
        _stream.Receive("/>");
        _stream.IsDisposed.ShouldBeFalse();

        _stream.Receive("</stream:stream>");

        await closing.WithinAsync();
        _delivered.ShouldBe(["<message/>", "<iq/>"]);
        _stream.Written.ShouldBe("</stream:stream>");
        _stream.IsDisposed.ShouldBeTrue();
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task CloseCleanly_ServerSaysNothing_EndsAfterFiveSeconds()
    {
        var closing = _stream.CloseCleanlyAsync(_time, DeliverAsync).AsTask();
        await _stream.ExpectAsync("</stream:stream>");

        _time.Advance(TimeSpan.FromSeconds(4.9));
        _stream.IsDisposed.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await closing.WithinAsync();
        _stream.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task CloseCleanly_ServerGone_IsNoError()
    {
        _stream.Lose();

        await _stream.CloseCleanlyAsync(_time, DeliverAsync).WithinAsync();

        _stream.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "XS-050")]
    public async Task Fail_SaysWhyAndCloses()
    {
        await _stream.FailAsync(StreamErrorCondition.RestrictedXml, _time).WithinAsync();

        _stream.Writes.ShouldBe(["<stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"]);
        _stream.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task Fail_ServerDoesNotRead_GivesUpAfterASecond()
    {
        _stream.HoldWrites();
        var failing = _stream.FailAsync(StreamErrorCondition.RestrictedXml, _time).AsTask();

        _time.Advance(TimeSpan.FromSeconds(1));

        await failing.WithinAsync();
        _stream.IsDisposed.ShouldBeTrue();
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "XS-053")]
    public async Task AnswerClose_SaysCloseOnce()
    {
        await _stream.AnswerCloseAsync(_time).WithinAsync();

        _stream.Writes.ShouldBe(["</stream:stream>"]);
        _stream.IsDisposed.ShouldBeTrue();
    }

    private ValueTask DeliverAsync(IXmppStream stream, StreamElement element)
    {
        _delivered.Add(Encoding.UTF8.GetString(element.Slice(stream.Buffer)));
        return ValueTask.CompletedTask;
    }
}
