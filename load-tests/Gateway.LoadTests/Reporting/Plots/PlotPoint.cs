namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>A point in the units of the axes.</summary>
internal readonly record struct PlotPoint(double X, double Y);
