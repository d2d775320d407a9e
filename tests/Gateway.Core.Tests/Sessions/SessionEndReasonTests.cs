using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Sessions;

public sealed class SessionEndReasonTests
{
    [Fact]
    public void Words_AreKebabCaseAndUnique()
    {
        var words = Enum.GetValues<SessionEndReason>().Select(r => r.ToWord()).ToList();

        words.ShouldBeUnique();
        words.ShouldAllBe(w => w.All(c => char.IsAsciiLetterLower(c) || c == '-') && w.Split('-', StringSplitOptions.None).All(part => part.Length > 0));
    }

    [Theory]
    [InlineData(SessionEndReason.ClientClosed, "client-closed")]
    [InlineData(SessionEndReason.Inactivity, "inactivity")]
    [InlineData(SessionEndReason.StarttlsMissing, "starttls-missing")]
    [InlineData(SessionEndReason.TlsHandshake, "tls-handshake")]
    [InlineData(SessionEndReason.WebSocketError, "websocket-error")]
    [InlineData(SessionEndReason.DnsFailed, "dns-failed")]
    [InlineData(SessionEndReason.ItemNotFound, "item-not-found")]
    [InlineData(SessionEndReason.InternalServerError, "internal-server-error")]
    public void Word_IsAsPrinted(SessionEndReason reason, string word) => reason.ToWord().ShouldBe(word);
}
