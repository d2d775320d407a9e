using System.Globalization;
using System.Net;

namespace Gateway.Interop.Tests.Support;

/// <summary>The pages of clients/pages and the libraries they load, on a port of their own: another origin than any gateway's.</summary>
internal sealed class PageSite : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Folders = new(StringComparer.Ordinal)
    {
        ["pages"] = Path.Combine(Needs.ClientsDirectory, "pages"),
        ["modules"] = Path.Combine(Needs.ClientsDirectory, "node_modules"),
        ["converse"] = Path.Combine(Path.GetDirectoryName(Needs.GatewayAssembly)!, "wwwroot", "converse"),
    };

    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public PageSite()
    {
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Loopback.FreePorts(1)[0]}/"));
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            try
            {
                await AnswerAsync(context);
            }
            catch (Exception gone) when (gone is HttpListenerException or IOException)
            {
                context.Response.Abort(); // a page that was closed while it loaded
            }
        }
    }

    private static async Task AnswerAsync(HttpListenerContext context)
    {
        var parts = context.Request.Url!.AbsolutePath.Split('/', 3);
        var response = context.Response;
        if (Folders.TryGetValue(parts[1], out var folder) && Path.Combine(folder, parts[^1]) is var file && File.Exists(file))
        {
            response.ContentType = Path.GetExtension(file) switch
            {
                ".html" => "text/html",
                ".js" or ".cjs" => "text/javascript",
                ".css" => "text/css",
                ".json" => "application/json",
                _ => "application/octet-stream",
            };
            await response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
        }
        else
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
        }

        response.Close();
    }
}
