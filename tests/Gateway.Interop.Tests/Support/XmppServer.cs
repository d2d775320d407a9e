namespace Gateway.Interop.Tests.Support;

/// <summary>A real XMPP server on loopback, with alice, bob and carol in each other's rosters and an account for every driver.</summary>
internal abstract class XmppServer : IAsyncDisposable
{
    public const string Password = "pencil and paper";

    protected static readonly string[] Users = ["alice", "bob", "carol"];

    protected static readonly string[] Accounts = [.. Users, .. DriverCatalog.Logins.Select(login => login.Account)];

    protected XmppServer(string name)
    {
        Name = name;
        Domain = $"{name}.test";
        (ClientPort, HttpPort) = Loopback.FreePorts(2) is [var first, var second] ? (first, second) : default;
    }

    public string Name { get; }

    public string Domain { get; }

    /// <summary>Ordinary client streams; STARTTLS is required.</summary>
    public int ClientPort { get; }

    /// <summary>The server's own BOSH and WebSocket endpoints; bound in direct mode only.</summary>
    public int HttpPort { get; }

    public ServerProcess? Process { get; protected set; }

    public abstract Task StartAsync(string directory, CertificateFiles certificates);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
    }
}
