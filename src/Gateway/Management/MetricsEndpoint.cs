using Gateway.Core.Telemetry;
using Microsoft.Net.Http.Headers;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Management;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly MetricsExporter _exporter = new();
    private readonly MeterProvider _provider;

    /// <summary>Begins to listen to the meter; instruments that were made before are found too, what they told is not.</summary>
    public MetricsEndpoint() =>
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(GatewayMetrics.MeterName).AddReader(new BaseExportingMetricReader(_exporter)).Build();

    /// <summary>Answers.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var format = Choose(http.Request.Headers.Accept);
        await _one.WaitAsync(http.RequestAborted);
        string text;
        try
        {
            text = _exporter.Write(format);
        }
        finally
        {
            _one.Release();
        }

        http.Response.ContentType = format == ExpositionFormat.OpenMetrics
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(text, http.RequestAborted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider.Dispose();
        _one.Dispose();
    }

    /// <summary>OpenMetrics when the client prefers it, text otherwise.</summary>
    internal static ExpositionFormat Choose(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
        {
            return ExpositionFormat.Prometheus;
        }

        double Quality(Func<MediaTypeHeaderValue, bool> fits) => types.Where(fits).Select(t => t.Quality ?? 1).DefaultIfEmpty(0).Max();
        var open = Quality(t => t.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase)
            && t.Parameters.All(p => !p.Name.Equals("version", StringComparison.OrdinalIgnoreCase) || p.GetUnescapedValue().Equals("1.0.0", StringComparison.Ordinal)));
        var plain = Quality(t => t.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase));
        return open > 0 && open >= plain ? ExpositionFormat.OpenMetrics : ExpositionFormat.Prometheus;
    }
}
