using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>All fixtures by name.</summary>
internal static class FramerFixtures
{
    public static IReadOnlyDictionary<string, FramerFixture> All { get; } = Collect();

    /// <summary>The names, as the theories take them.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    private static Dictionary<string, FramerFixture> Collect()
    {
        var all = new Dictionary<string, FramerFixture>(StringComparer.Ordinal);

        // What stands inside an element must be judged alike in a document and behind a stream header.
        foreach (var (name, xml, errors) in ContentFixtures.Accepted.Select(f => (f.Name, f.Xml, Array.Empty<FramingError>())).Concat(ContentFixtures.Rejected))
        {
            Add(new FramerFixture("document: " + name, FramerMode.Document, FramerFixture.Bytes(xml), errors));
            Add(new FramerFixture("stream: " + name, FramerMode.Stream, FramerFixture.Bytes(FramerFixture.Header + xml), errors));
        }

        foreach (var fixture in LevelFixtures.All)
        {
            Add(fixture);
        }

        return all;

        void Add(FramerFixture fixture) => all.Add(fixture.Name, fixture);
    }
}
