using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Management;

/// <summary>The two text formats that Prometheus reads.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Writes collected metrics as text: Prometheus exposition format 0.0.4, or OpenMetrics 1.0.0.</summary>
internal sealed class PrometheusText(StringBuilder text, ExpositionFormat format)
{
    private bool IsOpenMetrics => format == ExpositionFormat.OpenMetrics;

    /// <summary>Writes one metric with all its series.</summary>
    public void Write(Metric metric)
    {
        var (family, unit) = PrometheusName.Of(metric.Name, metric.Unit);
        switch (metric.MetricType)
        {
            case MetricType.LongSum:
            case MetricType.DoubleSum:
                WriteHead(IsOpenMetrics ? family : family + "_total", unit, "counter", metric.Description);
                WriteValues(metric, family + "_total");
                break;
            case MetricType.LongGauge:
            case MetricType.DoubleGauge:
            case MetricType.LongSumNonMonotonic:
            case MetricType.DoubleSumNonMonotonic:
                WriteHead(family, unit, "gauge", metric.Description);
                WriteValues(metric, family);
                break;
            case MetricType.Histogram:
                WriteHead(family, unit, "histogram", metric.Description);
                WriteHistograms(metric, family);
                break;
            default:
                // Exponential histograms have no place in these formats; no instrument here makes one.
                break;
        }
    }

    /// <summary>Writes the end, where the format has one.</summary>
    public void WriteEnd()
    {
        if (IsOpenMetrics)
        {
            text.Append("# EOF\n");
        }
    }

    private static bool IsDouble(MetricType type) => type is MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic or MetricType.DoubleGauge;

    private void WriteHead(string family, string unit, string type, string description)
    {
        // Both formats want HELP escaped; OpenMetrics escapes quotes there too.
        text.Append("# HELP ").Append(family).Append(' ');
        AppendEscaped(description, quotes: IsOpenMetrics);
        text.Append("\n# TYPE ").Append(family).Append(' ').Append(type).Append('\n');
        if (IsOpenMetrics && unit.Length > 0)
        {
            text.Append("# UNIT ").Append(family).Append(' ').Append(unit).Append('\n');
        }
    }

    private void WriteValues(Metric metric, string name)
    {
        var isDouble = IsDouble(metric.MetricType);
        var isSum = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum or MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic;
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            text.Append(name);
            AppendLabels(point.Tags, le: null);
            text.Append(' ');
            if (isDouble)
            {
                AppendNumber(isSum ? point.GetSumDouble() : point.GetGaugeLastValueDouble());
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{(isSum ? point.GetSumLong() : point.GetGaugeLastValueLong())}");
            }

            text.Append('\n');
        }
    }

    private void WriteHistograms(Metric metric, string family)
    {
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var below = 0L;
            foreach (var bucket in point.GetHistogramBuckets())
            {
                below += bucket.BucketCount;
                text.Append(family).Append("_bucket");
                AppendLabels(point.Tags, bucket.ExplicitBound);
                text.Append(CultureInfo.InvariantCulture, $" {below}\n");
            }

            text.Append(family).Append("_sum");
            AppendLabels(point.Tags, le: null);
            text.Append(' ');
            AppendNumber(point.GetHistogramSum());
            text.Append('\n').Append(family).Append("_count");
            AppendLabels(point.Tags, le: null);
            text.Append(CultureInfo.InvariantCulture, $" {point.GetHistogramCount()}\n");
        }
    }

    private void AppendLabels(ReadOnlyTagCollection tags, double? le)
    {
        var separator = '{';
        foreach (var tag in tags)
        {
            text.Append(separator);
            foreach (var c in tag.Key)
            {
                text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            }

            text.Append("=\"");
            AppendEscaped(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", quotes: true);
            text.Append('"');
            separator = ',';
        }

        if (le is { } bound)
        {
            text.Append(separator).Append("le=\"");
            AppendNumber(bound);
            text.Append('"');
            separator = ',';
        }

        if (separator == ',')
        {
            text.Append('}');
        }
    }

    private void AppendEscaped(string value, bool quotes)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }

    private void AppendNumber(double value)
    {
        if (double.IsPositiveInfinity(value))
        {
            text.Append("+Inf");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"{value:R}");

        // OpenMetrics: numbers that are whole are written as floating point all the same.
        if (IsOpenMetrics && double.IsInteger(value) && Math.Abs(value) < 1e15)
        {
            text.Append(".0");
        }
    }
}
