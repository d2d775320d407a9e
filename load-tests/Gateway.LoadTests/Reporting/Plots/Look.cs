namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Colour and dashes of a line, by the page's style sheet: a class, and a colour in between for ordered lines.</summary>
internal readonly record struct Look(string ClassName, string? Style = null)
{
    /// <summary>Nothing special: a neutral grey.</summary>
    public static Look Neutral { get; } = new("look-floor");
}
