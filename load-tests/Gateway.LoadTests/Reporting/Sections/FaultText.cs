using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>Faults in words.</summary>
internal static class FaultText
{
    /// <summary>Only what there is: <c>3 lost, 1 error</c>.</summary>
    public static string Of(Faults faults) => Of([faults]);

    /// <summary>The same, of several.</summary>
    public static string Of(IEnumerable<Faults> all)
    {
        var faults = all.ToArray();
        (Func<Faults, long> Count, string Word)[] kinds =
        [
            (each => each.Lost, "lost"),
            (each => each.Doubled, "doubled"),
            (each => each.Reordered, "reordered"),
            (each => each.Changed, "changed"),
            (each => each.HungLogins, "hung logins"),
            (each => each.Errors, "errors"),
        ];
        var there = kinds.Select(kind => (Count: faults.Sum(kind.Count), kind.Word)).Where(kind => kind.Count != 0);
        var text = string.Join(", ", there.Select(kind => $"{Quantity.Count(kind.Count)} {kind.Word}"));
        return text.Length == 0 ? "none" : text;
    }
}
