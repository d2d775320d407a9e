using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gateway.Tests;

/// <summary>The house's boundaries, where the compiler alone does not keep them.</summary>
public sealed partial class ArchitectureTests
{
    internal static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Gateway.Xmpp", "")]
    [InlineData("Gateway.Core", "Gateway.Xmpp")]
    [InlineData("Gateway.DemoServer", "Gateway.Xmpp")]
    [InlineData("Gateway", "Gateway.Core Gateway.DemoServer")]
    public void Project_References_OnlyItsInnerRooms(string project, string expected) =>
        Items(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/'))).Order(StringComparer.Ordinal)
            .ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("Gateway.Xmpp")]
    [InlineData("Gateway.Core")]
    [InlineData("Gateway.DemoServer")]
    public void InnerRooms_HaveNoAspNet(string project)
    {
        Project(project).Root!.Attribute("Sdk")!.Value.ShouldBe("Microsoft.NET.Sdk");
        Items(project, "FrameworkReference").ShouldBeEmpty();
        Items(project, "PackageReference").ShouldAllBe(p => !p.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void WireLibrary_HasNoPackages() => Items("Gateway.Xmpp", "PackageReference").ShouldBeEmpty();

    [Theory]
    [InlineData("Gateway/Transports/Bosh", "WebSockets")]
    [InlineData("Gateway/Transports/WebSockets", "Bosh")]
    [InlineData("Gateway.Core/Bosh", "WebSockets")]
    [InlineData("Gateway.Core/WebSockets", "Bosh")]
    [InlineData("Gateway/Transports", "Management")]
    [InlineData("Gateway/Management", "Transports")]
    public void Rooms_NeverNameEachOther(string room, string other)
    {
        var name = new Regex($@"^\s*using\s+Gateway\.[\w.]*\b{other}\b|\bGateway\.[\w.]*\b{other}\.", RegexOptions.Multiline, TimeSpan.FromSeconds(1));

        Sources(room).Where(file => name.IsMatch(File.ReadAllText(file))).ShouldBeEmpty();
        Sources(room).ShouldNotBeEmpty();
    }

    [Fact]
    public void LogEvents_HaveIdsOfTheirOwn()
    {
        var ids = Sources("").SelectMany(file => LogEvent().Matches(File.ReadAllText(file)).Select(m => (Id: m.Groups["id"].Value, Where: Path.GetFileName(file)))).ToArray();

        ids.Length.ShouldBeGreaterThan(10);
        ids.GroupBy(i => i.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(i => i.Where))}").ShouldBeEmpty();
        ids.GroupBy(i => int.Parse(i.Id, System.Globalization.CultureInfo.InvariantCulture) / 100).Where(g => g.Select(i => i.Where).Distinct(StringComparer.Ordinal).Count() > 1)
            .Select(g => $"range {g.Key}00: {string.Join(", ", g.Select(i => i.Where).Distinct(StringComparer.Ordinal))}").ShouldBeEmpty();
    }

    [Fact]
    public void Program_IsATableOfContents() => File.ReadAllLines(Path.Combine(Root, "src", "Gateway", "Program.cs")).Length.ShouldBeLessThan(60);

    [GeneratedRegex(@"LoggerMessage\(\s*(EventId\s*=\s*)?(?<id>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogEvent();

    private static XDocument Project(string project) => XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));

    private static IEnumerable<string> Items(string project, string item) => Project(project).Descendants(item).Select(i => i.Attribute("Include")!.Value);

    private static IEnumerable<string> Sources(string room) =>
        Directory.EnumerateFiles(Path.Combine(Root, "src", room), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Gateway.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("these tests run inside the repository");
        }

        return directory.FullName;
    }
}
