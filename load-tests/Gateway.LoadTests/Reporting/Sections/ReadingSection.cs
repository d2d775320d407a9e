namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>What the words mean, for those who did not run it.</summary>
internal static class ReadingSection
{
    private static readonly (string Term, string Meaning)[] Terms =
    [
        ("L, T, E", "Ratios to a floor that was measured in the same run: a bare Kestrel WebSocket-to-TCP relay without XMPP (L), the same behind TLS (T), a bare Kestrel POST echo (E). 1.2 L is 20 % more than the floor."),
        ("raw TCP", "The load generator straight at the XMPP server that stands behind the gateway: what a gateway adds, it adds to this."),
        ("must, goal", "The must has to hold. The goal is close to what the platform allows."),
        ("spread", "The least and the most of the rounds; what stands beside it is their median (of a ratio, the median of the rounds' ratios; in the tables of a scenario, the ratio of the medians). In a plot of latency it is the shaded area."),
        ("echo", "A stanza up and the same stanza down."),
        ("serial, paced, flood", "One echo after the other; echoes at a fixed rate whether or not the last ones are back; a number of echoes outstanding in each session."),
        ("latency", "From when each echo was due (paced, so that a stall counts for all that it delayed) or was sent (otherwise). The axis of percentiles gives each further nine the same room; a line ends at the largest value of as many as there were."),
        ("CPU", "User and system time of the program under test, divided by what was counted; as cores, by the time. The cores of the load generator (gen.) stand beside it."),
        ("limit", "What bounded the run: the pace that was asked for, the load generator, the program under test, or the server behind it. A rate that the generator bounded says nothing about the gateway."),
        ("faults", "Stanzas that were lost, doubled, reordered or changed, logins that hung, and whatever else failed. Every stanza is checked."),
    ];

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html)
    {
        using var section = html.Open("section", ("id", "reading"));
        html.Leaf("h2", "How to read this");
        using var list = html.Open("dl", "terms");
        foreach (var (term, meaning) in Terms)
        {
            html.Leaf("dt", term);
            html.Leaf("dd", meaning);
        }
    }
}
