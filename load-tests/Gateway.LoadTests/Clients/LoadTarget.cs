using System.Net;

namespace Gateway.LoadTests.Clients;

/// <summary>Where load goes: a loopback address, and what requests call it.</summary>
internal sealed record LoadTarget(IPEndPoint EndPoint, bool IsTls, string Host, string Authority, string Path)
{
    /// <summary>Reads it; anything beyond loopback is refused: this is a tool for one machine.</summary>
    public static LoadTarget From(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var (isTls, port) = uri.Scheme switch
        {
            "ws" or "http" => (false, 80),
            "wss" or "https" => (true, 443),
            "tcp" => (false, 5222),
            _ => throw new ArgumentException($"{uri}: ws, wss, http, https or tcp."),
        };
        var address = uri.IdnHost == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.IdnHost, out var parsed) ? parsed : null;
        if (address is null || !IPAddress.IsLoopback(address))
        {
            throw new ArgumentException($"{uri} is not loopback.");
        }

        port = uri.Port > 0 ? uri.Port : port;
        return new LoadTarget(new IPEndPoint(address, port), isTls, uri.IdnHost, uri.Authority, uri.PathAndQuery.Length == 0 ? "/" : uri.PathAndQuery);
    }
}
