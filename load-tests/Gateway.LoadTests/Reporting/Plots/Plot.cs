namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Lines over two axes.</summary>
internal sealed record Plot
{
    /// <summary>What is shown, with its unit.</summary>
    public required string Title { get; init; }

    /// <summary>Along the bottom.</summary>
    public required Axis X { get; init; }

    /// <summary>Along the left.</summary>
    public required Axis Y { get; init; }

    /// <summary>What the bottom axis counts, if the title and the marks do not say it.</summary>
    public string XTitle { get; init; } = "";

    /// <summary>Drawn in this order.</summary>
    public required IReadOnlyList<Line> Lines { get; init; }

    /// <summary>Behind the lines.</summary>
    public IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>In the units of the drawing; the page scales it to the room there is.</summary>
    public double Width { get; init; } = 640;

    /// <summary>In the units of the drawing.</summary>
    public double Height { get; init; } = 360;

    /// <summary>At least so much to the left of the plot; plots above each other share it, so that their times line up.</summary>
    public double LeftRoom { get; init; }

    /// <summary>At least so much to the right of the plot.</summary>
    public double RightRoom { get; init; }

    /// <summary>Name the lines at their ends. Where the same lines are named in the plot above, it may be left out.</summary>
    public bool HasLabels { get; init; } = true;
}

/// <summary>A line of a plot.</summary>
/// <param name="Label">At its end; empty for none.</param>
/// <param name="Look">Colour and dashes.</param>
/// <param name="Points">In rising order of X.</param>
internal sealed record Line(string Label, Look Look, IReadOnlyList<PlotPoint> Points)
{
    /// <summary>One of several rounds: thin, behind the others.</summary>
    public bool IsFaint { get; init; }

    /// <summary>Each point is marked and names its value when pointed at.</summary>
    public Func<PlotPoint, string>? PointText { get; init; }
}

/// <summary>An area between two lines, such as the spread between rounds.</summary>
internal sealed record Band(Look Look, IReadOnlyList<PlotPoint> Low, IReadOnlyList<PlotPoint> High);
