using System.Text;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>An answer may be completed while another request is being taken, and the server goes on with the next request on that very thread.</summary>
public sealed class ReentranceTests
{
    [Fact]
    [Trait("Requirement", "BOSH-057")]
    public async Task Request_TakenWhileAnotherIs_GetsNothingOfIt()
    {
        await using var server = await BoshServer.StartAsync();
        var (one, backendOfOne) = await server.LogInAsync();
        var (other, backendOfOther) = await server.LogInAsync();

        // The held request is answered by the end of its session, and what comes next on its thread is of another one.
        var held = PostAsync(server, BoshServer.Request(one, 103));
        held.IsCompleted.ShouldBeFalse();
        var next = NextAsync();
        await PostAsync(server, BoshServer.Request(one, 104, "<message xmlns='jabber:client' id='of-one'/>", "type='terminate'"));
        await next;

        await backendOfOne.ExpectAsync("<message xmlns='jabber:client' id='of-one'/>");
        await backendOfOther.ExpectAsync("</stream:stream>");
        backendOfOther.Written.ShouldNotContain("of-one");
        backendOfOther.Written.ShouldContain("<presence xmlns='jabber:client' id='of-other'/>");

        async Task NextAsync()
        {
            await held;
            await PostAsync(server, BoshServer.Request(other, 103, "<presence xmlns='jabber:client' id='of-other'/>", "type='terminate'"));
        }
    }

    private static async Task PostAsync(BoshServer server, string xml)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = HttpMethods.Post;
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        await server.Endpoint.InvokeAsync(http);
    }
}
