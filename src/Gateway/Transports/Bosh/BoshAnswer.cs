using System.IO.Compression;
using Gateway.Core.Bosh;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>How an answer gets onto the wire: whole, and with its length (BOSH-008).</summary>
internal static class BoshAnswer
{
    private const int LeastCompressed = 1024;

    private static readonly StringValues Gzip = "gzip";
    private static readonly StringValues NothingElse = "default-src 'none'; frame-ancestors 'none'";

    private static readonly ReadOnlyMemory<byte> Explanation =
        """
        This is the BOSH address of an XMPP gateway (XEP-0124, XEP-0206).

        It is here for chat clients, which send POST requests to it: enter this address in a client's settings as its BOSH or
        "HTTP binding" address. There is nothing more to see with a browser.

        """u8.ToArray();

    /// <summary>A status alone.</summary>
    public static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>405 for a person who has found the address (BOSH-016).</summary>
    public static async Task ExplainAsync(HttpContext context)
    {
        var http = context.Response;
        http.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Headers.ContentSecurityPolicy = NothingElse; // EDGE-053
        http.ContentType = "text/plain; charset=utf-8";
        http.ContentLength = Explanation.Length;
        await http.BodyWriter.WriteAsync(Explanation);
    }

    /// <summary>A response of a session.</summary>
    /// <returns>The connection took it, as far as can be told; false: it is over.</returns>
    public static async Task<bool> WriteAsync(HttpContext context, BoshResponse response)
    {
        var http = context.Response;
        http.StatusCode = response.Status;
        http.ContentType = response.ContentType;
        http.ContentLength = response.Body.Length;
        return response.Body.IsEmpty || !(await http.BodyWriter.WriteAsync(response.Body)).IsCompleted;
    }

    /// <summary>
    /// A response that <see cref="BoshResponse.MayCompress"/>, compressed if the client asks and it is worth it.
    /// </summary>
    public static Task<bool> WriteCompressedAsync(HttpContext context, BoshResponse response)
    {
        if (response.Body.Length < LeastCompressed || !TakesGzip(context.Request))
        {
            return WriteAsync(context, response);
        }

        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(response.Body.Span);
        }

        context.Response.Headers.ContentEncoding = Gzip;
        return WriteAsync(context, response with { Body = compressed.GetBuffer().AsMemory(0, (int)compressed.Length) });
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(coding =>
            coding.Quality != 0 && coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase));
}
