using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;

namespace Gateway.Benchmarks;

/// <summary>What every benchmark of this project is run with.</summary>
internal sealed class BenchmarkConfig : ManualConfig
{
    /// <param name="quick">Few and short iterations: to see that it runs, not to quote.</param>
    public BenchmarkConfig(bool quick)
    {
        AddJob(quick ? Job.ShortRun : Job.Default);
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(new ThroughputColumn());
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        WithOptions(ConfigOptions.JoinSummary);
    }
}
