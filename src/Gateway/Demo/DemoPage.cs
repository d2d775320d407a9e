using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Gateway.Demo;

/// <summary>
/// The web client of demo mode (interface.md 6): the files of <c>wwwroot</c> beside the program and nothing else. Used in demo mode only.
/// </summary>
public static class DemoPage
{
    // Converse writes style attributes and draws icons from data: URLs; everything else comes from this server alone.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>The page can be served; it can even without the chat client, which it then says is missing.</summary>
    public static bool IsPresent => File.Exists(Path.Combine(Folder, "index.html"));

    /// <summary>The chat client was there at build time.</summary>
    public static bool HasClient => File.Exists(Path.Combine(Folder, "converse", "converse.min.js"));

    /// <summary>Answers GET and HEAD of <c>/</c> and of the page's own files; passes everything else on.</summary>
    public static IApplicationBuilder UseDemoPage(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!IsPresent)
        {
            return app;
        }

        var files = new PhysicalFileProvider(Folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files, DefaultFileNames = ["index.html"] });
        return app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = AddHeaders });
    }

    private static void AddHeaders(StaticFileResponseContext context)
    {
        var headers = context.Context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";

        // The file's ETag makes asking again cheap, and a new build shows at once.
        headers.CacheControl = "no-cache";
    }
}
