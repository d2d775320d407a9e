using System.Buffers;
using System.CommandLine;
using System.IO.Pipelines;

namespace Gateway.Floors;

/// <summary>Floor E: a POST that comes back as it is. What BOSH costs before there is any BOSH.</summary>
internal static class EchoFloor
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var port = FloorOptions.Port();
        var tls = FloorOptions.Tls();
        var command = new Command("echo", "Floor E: a bare Kestrel that answers a POST with its body.") { port, tls };
        command.SetAction((parsed, _) => BareKestrel.RunAsync("echo", parsed.GetValue(port), parsed.GetValue(tls), app => app.Run(HandleAsync)));
        return command;
    }

    private static async Task HandleAsync(HttpContext http)
    {
        var length = (int)(http.Request.ContentLength ?? 0);
        http.Response.ContentType = "text/xml; charset=utf-8";
        http.Response.ContentLength = length;
        if (length is 0 or > MaxBytes)
        {
            return;
        }

        var reader = http.Request.BodyReader;
        var body = await reader.ReadAtLeastAsync(length);
        var writer = http.Response.BodyWriter;
        Copy(body.Buffer, writer);
        reader.AdvanceTo(body.Buffer.End);
        await writer.FlushAsync();
    }

    private static void Copy(ReadOnlySequence<byte> body, PipeWriter writer)
    {
        foreach (var part in body)
        {
            writer.Write(part.Span);
        }
    }
}
