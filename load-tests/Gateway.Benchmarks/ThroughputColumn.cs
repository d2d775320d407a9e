using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Gateway.Benchmarks;

/// <summary>A class of benchmarks whose methods say how many bytes one operation takes in.</summary>
internal interface IMeasuredBytes
{
    /// <summary>Bytes of input to one operation of a method.</summary>
    static abstract int BytesOf(string method);
}

/// <summary>Input bytes by the mean time, in 10^6 bytes a second.</summary>
internal sealed class ThroughputColumn : IColumn
{
    /// <inheritdoc/>
    public string Id => nameof(ThroughputColumn);

    /// <inheritdoc/>
    public string ColumnName => "MB/s";

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => "Input bytes of one operation by its mean time, 10^6 bytes a second";

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var method = benchmarkCase.Descriptor.WorkloadMethod;
        var mean = summary[benchmarkCase]?.ResultStatistics?.Mean;
        var bytesOf = method.DeclaringType?.GetMethod(nameof(IMeasuredBytes.BytesOf));
        return mean is > 0 && bytesOf?.Invoke(null, [method.Name]) is int bytes
            ? (bytes * 1000.0 / mean.Value).ToString("F0", CultureInfo.InvariantCulture)
            : "-";
    }

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
