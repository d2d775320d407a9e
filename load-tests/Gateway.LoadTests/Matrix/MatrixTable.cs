using System.Globalization;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Matrix;

/// <summary>The outcome on a terminal.</summary>
internal static class MatrixTable
{
    private const int WidthOfFiles = 200;

    /// <summary>Output that goes into a file has no width of its own, and 80 columns are too few for a table.</summary>
    public static void FitConsole()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfFiles;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }
    }

    /// <summary>The goals.</summary>
    public static void Write(IReadOnlyList<GoalRow> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns(new TableColumn("what"), Right("measured"), Right("spread"), Right("must"), Right("goal"), new TableColumn("verdict"), Right("absolute"), new TableColumn("remark"));
        foreach (var row in rows)
        {
            var sign = row.IsMinimum ? ">=" : "<=";
            table.AddRow(
                Markup.Escape(row.What),
                Markup.Escape($"{Number(row.Measured)} {row.Unit}"),
                double.IsNaN(row.Least) ? "" : $"{Number(row.Least)} - {Number(row.Most)}",
                $"{sign} {Number(row.Must)}",
                $"{sign} {Number(row.Goal)}",
                row.MeetsGoal && row.MeetsMust ? "[green]goal[/]" : row.MeetsMust ? "[yellow]must[/]" : "[red]missed[/]",
                Markup.Escape($"{Number(row.Absolute)} {row.AbsoluteUnit}"),
                Markup.Escape(row.Remark));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The others beside.</summary>
    public static void Write(IReadOnlyList<PeerRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var who = rows.SelectMany(row => row.Values.Keys).Distinct(StringComparer.Ordinal).ToArray();
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns(["work", "unit"]);
        foreach (var name in who)
        {
            table.AddColumn(Right(Markup.Escape(name)));
        }

        foreach (var row in rows)
        {
            table.AddRow([Markup.Escape(row.What), row.Unit, .. who.Select(name => row.Values.TryGetValue(name, out var value) ? Number(value) : "-")]);
        }

        AnsiConsole.Write(table);
    }

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned().NoWrap();

    private static string Number(double value) =>
        double.IsNaN(value) ? "-" : value.ToString(Math.Abs(value) >= 1000 ? "N0" : Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.##", CultureInfo.InvariantCulture);
}
