namespace Gateway.Interop.Tests.Support;

/// <summary>A client library as clients/drivers/README.md wants it: how it is started, and over what it can talk.</summary>
internal sealed record DriverEntry(string Name, string Program, string[] Arguments, string[] Transports);

/// <summary>One library over one transport.</summary>
internal sealed record DriverLogin(DriverEntry Entry, string Transport)
{
    /// <summary>The account that is this login's alone, on every server.</summary>
    public string Account { get; } = $"{Entry.Name}-{Transport}";

    public override string ToString() => Account;
}

/// <summary>Every driver there is; a new one joins with a line.</summary>
internal static class DriverCatalog
{
    private static readonly string[] Both = ["bosh", "websocket"];

    public static IReadOnlyList<DriverEntry> Entries { get; } =
    [
        Node("strophe5", Both),
        Node("strophe16", Both),
        Node("strophe12", Both),
        Node("xmppjs", ["websocket"]),
        Node("stanza", Both),
        Node("node-xmpp", Both),
        Python("slixmpp", ["tcp"]),
    ];

    public static IEnumerable<DriverLogin> Logins =>
        from entry in Entries from transport in entry.Transports select new DriverLogin(entry, transport);

    public static DriverLogin Login(string name, string transport) =>
        Logins.Single(login => login.Entry.Name == name && login.Transport == transport);

    private static DriverEntry Node(string library, string[] transports) =>
        new(library, Needs.Find("node") ?? "node", [Script("node.js"), library], transports);

    private static DriverEntry Python(string library, string[] transports) =>
        new(library, Needs.DebianPython, [Script($"{library}.py")], transports);

    private static string Script(string name) => Path.Combine(Needs.ClientsDirectory, "drivers", name);
}
