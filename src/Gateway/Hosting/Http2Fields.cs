using System.Buffers;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Hosting;

/// <summary>The fields of an HTTP/2 request that RFC 9113 §8.2 calls malformed and Kestrel lets pass (EDGE-062).</summary>
internal static class Http2Fields
{
    private const int ProtocolError = 1; // RFC 9113 §7

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> ConnectionSpecific =
        new[] { "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Ends the stream of a malformed request. False: it is well formed.</summary>
    public static bool TryReset(HttpContext http)
    {
        foreach (var (name, _) in http.Request.Headers)
        {
            if (ConnectionSpecific.Contains(name) || (!name.StartsWith(':') && name.AsSpan().ContainsAnyExcept(Token)))
            {
                http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(ProtocolError);
                return true;
            }
        }

        return false;
    }
}
