using System.Globalization;

namespace Gateway.Interop.Tests.Support;

public sealed partial class InteropFixture
{
    /// <summary>
    /// Until the gateway holds so many BOSH requests: one when the poll of a page has arrived, none when it has noticed that the page is
    /// gone. In direct mode nobody can tell.
    /// </summary>
    internal async Task HoldsAsync(int requests)
    {
        if (_gateway is null)
        {
            return;
        }

        var line = string.Create(CultureInfo.InvariantCulture, $"xmpp_gateway_bosh_requests_held {requests}");
        var metrics = new Uri($"http://127.0.0.1:{_gateway.ManagementPort}/metrics");
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await _gateway.Process.WaitUntilAsync(
            async cancellation => (await client.GetStringAsync(metrics, cancellation)).Split('\n').Contains(line),
            line,
            TimeSpan.FromSeconds(20));
    }
}
