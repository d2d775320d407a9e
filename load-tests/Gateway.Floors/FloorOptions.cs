using System.CommandLine;
using System.Net;

namespace Gateway.Floors;

/// <summary>What the verbs take.</summary>
internal static class FloorOptions
{
    /// <summary><c>--port</c>.</summary>
    public static Option<int> Port() => new("--port") { Description = "Loopback port; 0 for a free one." };

    /// <summary><c>--tls</c>.</summary>
    public static Option<bool> Tls() => new("--tls") { Description = "With TLS and a certificate made for this run." };

    /// <summary><c>--backend</c>.</summary>
    public static Option<IPEndPoint> Backend() => new("--backend")
    {
        Description = "Address and port on loopback.",
        Required = true,
        CustomParser = result =>
        {
            if (IPEndPoint.TryParse(result.Tokens[0].Value, out var address) && IPAddress.IsLoopback(address.Address))
            {
                return address;
            }

            result.AddError("--backend: such as 127.0.0.1:5222, loopback only");
            return null;
        },
    };
}
