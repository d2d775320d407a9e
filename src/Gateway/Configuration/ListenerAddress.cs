using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gateway.Configuration;

/// <summary>Where a listener binds, in Kestrel's own spelling: <c>http(s)://host:port</c>, <c>*</c> for every address, <c>unix:/path</c>.</summary>
public sealed class ListenerAddress
{
    private readonly BindingAddress _parts;

    private ListenerAddress(BindingAddress parts) => _parts = parts;

    /// <summary>TLS.</summary>
    public bool IsHttps => string.Equals(_parts.Scheme, "https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Only this machine reaches it.</summary>
    public bool IsLoopback =>
        _parts.IsUnixPipe || IsLocalhost || (Address is { } address && IPAddress.IsLoopback(address));

    /// <summary>The name <c>localhost</c>: both loopback addresses.</summary>
    public bool IsLocalhost => string.Equals(_parts.Host, "localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The one address; null for names, for every address, and for sockets in the file system.</summary>
    public IPAddress? Address => !_parts.IsUnixPipe && IPAddress.TryParse(_parts.Host, out var address) ? address : null;

    /// <summary>The path of a socket in the file system; null for others.</summary>
    public string? UnixSocket => _parts.IsUnixPipe ? _parts.UnixPipePath : null;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port => _parts.Port;

    /// <summary>Every address of the machine.</summary>
    public bool IsAny => !_parts.IsUnixPipe && !IsLocalhost && Address is null;

    /// <summary>Reads an address.</summary>
    /// <param name="text">As configured.</param>
    /// <param name="address">What it says.</param>
    /// <param name="right">What would be right instead.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenerAddress? address, [NotNullWhen(false)] out string? right)
    {
        address = null;
        right = null;
        try
        {
            address = new ListenerAddress(BindingAddress.Parse(text));
        }
        catch (FormatException)
        {
            right = "an address as http://127.0.0.1:5280, https://*:443 or http://[::1]:8080";
            return false;
        }

        var parts = address._parts;
        if (parts.Scheme.ToUpperInvariant() is not ("HTTP" or "HTTPS"))
        {
            right = "an address that begins with http:// or https://";
        }
        else if (!parts.IsUnixPipe && parts.Port is < 0 or > ushort.MaxValue)
        {
            right = "a port from 0 to 65535";
        }
        else if (!parts.IsUnixPipe && parts.PathBase is not ("" or "/"))
        {
            right = "an address without a path";
        }
        else if (address.IsLocalhost && parts.Port == 0)
        {
            right = "an address, as 127.0.0.1:0 or [::1]:0: a free port cannot be taken on both at once";
        }
        else if (address.IsAny && parts.Host is not ("*" or "+") && Uri.CheckHostName(parts.Host) != UriHostNameType.Dns)
        {
            right = "an address as http://127.0.0.1:5280, https://*:443 or http://[::1]:8080";
        }

        return right is null;
    }

    /// <inheritdoc/>
    public override string ToString() => _parts.ToString();
}
