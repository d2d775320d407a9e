using Gateway.DemoServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.DemoServer;

/// <summary>Starts a server and cleans up after each test.</summary>
public abstract class DemoServerTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    private protected async Task<DemoXmppServer> StartAsync(DemoServerOptions? options = null)
    {
        var server = await DemoXmppServer.StartAsync(options ?? new DemoServerOptions(), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        _owned.Add(server);
        return server;
    }

    private protected async Task<DemoClient> Own(Task<DemoClient> starting)
    {
        var client = await starting;
        _owned.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _owned.Reverse();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
