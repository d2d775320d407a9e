using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Management;

/// <summary>Writes metrics when somebody asks for them; nothing runs in between.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class MetricsExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly StringBuilder _text = new();
    private ExpositionFormat _format;

    /// <inheritdoc/>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects and writes all metrics. One caller at a time.</summary>
    public string Write(ExpositionFormat format)
    {
        _text.Clear();
        _format = format;
        if (Collect?.Invoke(Timeout.Infinite) != true)
        {
            throw new InvalidOperationException("the metrics could not be collected");
        }

        return _text.ToString();
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var writer = new PrometheusText(_text, _format);
        foreach (var metric in batch)
        {
            writer.Write(metric);
        }

        writer.WriteEnd();
        return ExportResult.Success;
    }
}
