using Gateway.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Hosting;

/// <summary>Where the listeners are bound, with the ports that were taken; for texts and tests, never for a decision.</summary>
internal sealed class BoundListeners(GatewayOptions options, Lazy<IServer> server)
{
    private ListenOptions? _management;

    /// <summary>The management listener's address.</summary>
    public string Management
    {
        get
        {
            // With port 0 Kestrel writes the port it got into the end point.
            var url = options.Management.Url;
            return url.Port == 0 && _management?.IPEndPoint is { } bound ? $"http://{bound}" : url.ToString().TrimEnd('/');
        }
    }

    /// <summary>The public listeners' addresses.</summary>
    public IReadOnlyList<string> Public =>
        [.. server.Value.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Where(a => !string.Equals(a, Management, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Remembers Kestrel's own record of the management listener.</summary>
    public void SetManagement(ListenOptions listener) => _management = listener;
}
