using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Gateway.Core.Backend.Dns;

/// <summary>The servers that are asked, the one that answered last first.</summary>
/// <param name="configured"><see cref="DnsOptions.Servers"/>.</param>
internal sealed class DnsServers(IReadOnlyList<string> configured)
{
    /// <summary>As many as <c>resolv.conf</c> may name: each one that is dead costs its time.</summary>
    private const int MostOfSystem = 3;

    private readonly bool _isConfigured = configured.Count > 0;
    private volatile IPEndPoint[]? _servers;
    private volatile IPEndPoint? _good;

    /// <summary>An operator named them.</summary>
    public bool IsConfigured => _isConfigured;

    /// <summary>Whom to ask, in turn.</summary>
    public IEnumerable<IPEndPoint> InTurn()
    {
        var servers = _servers ??= _isConfigured ? [.. configured.Select(Parse)] : System();
        var first = Math.Max(0, Array.IndexOf(servers, _good));
        return servers.Skip(first).Concat(servers.Take(first));
    }

    /// <summary>This one answered.</summary>
    public void Answered(IPEndPoint server) => _good = server;

    /// <summary>None answered: the system's may have become others.</summary>
    public void NoneAnswered()
    {
        _servers = null;
        _good = null;
    }

    /// <summary>A server as an operator writes it.</summary>
    /// <exception cref="ArgumentException">It is no address.</exception>
    private static IPEndPoint Parse(string text) =>
        BackendAddress.TryParse(text, out var address) && IPAddress.TryParse(address.Host, out var ip)
            ? new IPEndPoint(ip, address.Port != 0 ? address.Port : DnsOptions.DefaultPort)
            : throw new ArgumentException($"'{text}' is no address of a DNS server.", nameof(text));

    private static IPEndPoint[] System()
    {
        try
        {
            var addresses = NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(i => i.GetIPProperties().DnsAddresses)
                .Where(a => a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                .Distinct()
                .Take(MostOfSystem)
                .Select(a => new IPEndPoint(a, DnsOptions.DefaultPort));
            IPEndPoint[] found = [.. addresses];
            return found.Length > 0 ? found : [new IPEndPoint(IPAddress.Loopback, DnsOptions.DefaultPort)]; // as resolv.conf(5) says
        }
        catch (Exception e) when (e is NetworkInformationException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return [new IPEndPoint(IPAddress.Loopback, DnsOptions.DefaultPort)];
        }
    }
}
