using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Management;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Tests.Management;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Prometheus_EveryKind_IsWrittenAsTheFormatWants() => Expose(ExpositionFormat.Prometheus).ShouldBe(Golden("golden.prom"));

    [Fact]
    public void OpenMetrics_EveryKind_IsWrittenAsTheFormatWants() => Expose(ExpositionFormat.OpenMetrics).ShouldBe(Golden("golden.openmetrics"));

    [Fact]
    public async Task Prometheus_EveryKind_PleasesPromtool()
    {
        var promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(promtool is null, "promtool is not installed");

        using var process = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        await process.StandardInput.WriteAsync(Expose(ExpositionFormat.Prometheus));
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(0, said);
    }

    [Theory]
    [InlineData(null, ExpositionFormat.Prometheus)]
    [InlineData("*/*", ExpositionFormat.Prometheus)]
    [InlineData("text/plain;version=0.0.4", ExpositionFormat.Prometheus)]
    [InlineData("application/openmetrics-text", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;q=0.2,text/plain;q=0.9", ExpositionFormat.Prometheus)]
    [InlineData("application/openmetrics-text;version=2.0.0", ExpositionFormat.Prometheus)]
    [InlineData("nonsense;;;", ExpositionFormat.Prometheus)]
    internal void Accept_Header_ChoosesTheFormat(string? accept, ExpositionFormat expected) => MetricsEndpoint.Choose([accept]).ShouldBe(expected);

    private static string Golden(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Management", name));

    private static string Expose(ExpositionFormat format)
    {
        var name = "test." + Guid.NewGuid();
        using var meter = new Meter(name);
        using var exporter = new MetricsExporter();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(name).AddReader(new BaseExportingMetricReader(exporter)).Build();

        meter.CreateCounter<long>("a.requests", "{request}", "Requests \\ with a \"quote\"\nand a line.").Add(3, new KeyValuePair<string, object?>("odd", "a\"b\\c\nd"));
        meter.CreateCounter<long>("a.bytes", "By", "Bytes.").Add(7);
        meter.CreateUpDownCounter<long>("a.held", "{request}", "Held.").Add(-2);
        meter.CreateObservableGauge("a.level", () => 0.5, null, "Level.");
        var histogram = meter.CreateHistogram("a.wait", "s", "Wait.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] });
        histogram.Record(0.05, new KeyValuePair<string, object?>("kind", "x"));
        histogram.Record(1, new KeyValuePair<string, object?>("kind", "x"));
        histogram.Record(99, new KeyValuePair<string, object?>("kind", "x"));
        return exporter.Write(format);
    }
}
