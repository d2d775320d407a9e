using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>The same work done by others.</summary>
internal static class PeersSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report, TargetLooks looks)
    {
        if (report.Peers.Count == 0)
        {
            return;
        }

        var names = PeerTable.Columns(report);
        using var section = html.Open("section", ("id", "peers"));
        html.Leaf("h2", "Peers");
        html.Leaf("p", "note", "Medians. Bars are to scale within a row; the factor is to the gateway. The best of those who do the whole work (the floor does not) is bold.");
        using var scroll = html.Open("div", "scroll");
        using var table = html.Open("table", "peers");
        Table.Head(html, ["what", .. names]);
        using var body = html.Open("tbody");
        foreach (var peer in report.Peers)
        {
            Row(html, peer, names, looks);
        }
    }

    private static void Row(HtmlWriter html, PeerRow peer, string[] names, TargetLooks looks)
    {
        var values = PeerTable.Values(peer);
        var most = values.Values.Where(Quantity.IsReal).DefaultIfEmpty(0).Max();
        var rivals = values.Where(value => !RunName.IsFloor(value.Key) && Quantity.IsReal(value.Value)).Select(value => value.Value).ToArray();
        var best = rivals.Length < 2 ? double.NaN : Quantity.IsRate(peer.Unit) ? rivals.Max() : rivals.Min();
        var gateway = values.FirstOrDefault(value => RunName.IsGateway(value.Key)).Value;

        using var row = html.Open("tr");
        using (html.Open("th", ("scope", "row")))
        {
            html.Text(peer.What);
            html.Leaf("span", "unit", Quantity.IsRate(peer.Unit) ? "more is better" : "less is better");
        }

        foreach (var name in names)
        {
            if (!values.TryGetValue(name, out var value))
            {
                html.Leaf("td", "soft", Quantity.None);
                continue;
            }

            var look = looks.Of(name);
            using var cell = html.Open("td");
            using (html.Open("span", "value"))
            {
                html.Leaf(value == best && !RunName.IsFloor(name) ? "strong" : "span", Quantity.In(value, peer.Unit));
                if (gateway > 0 && !RunName.IsGateway(name))
                {
                    html.Leaf("span", "factor", "×" + Quantity.Number(Math.Round(value / gateway, 2)));
                }
            }

            var part = most > 0 && Quantity.IsReal(value) ? Math.Clamp(100 * value / most, 0, 100) : 0;
            using var track = html.Open("span", "track");
            html.Empty("span", ("class", "fill " + look.ClassName), ("style", $"width:{part.ToString("0.#", CultureInfo.InvariantCulture)}%"));
        }
    }
}
