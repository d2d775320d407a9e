namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Where values lie along a side of a plot.</summary>
/// <param name="Place">From a value to its place: 0 at the start, 1 at the end.</param>
/// <param name="Ticks">Marks, from the start on.</param>
internal sealed record Axis(Func<double, double> Place, IReadOnlyList<Tick> Ticks)
{
    /// <summary>The place of a value, kept inside of the plot.</summary>
    public double At(double value) => Math.Clamp(Place(value), 0, 1);
}

/// <summary>A mark on an axis; without a label it is only a line.</summary>
internal readonly record struct Tick(double Value, string Label);
