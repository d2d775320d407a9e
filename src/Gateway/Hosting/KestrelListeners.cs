using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration;
using Gateway.Core.Bosh;
using Gateway.Transports.Bosh;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Hosting;

/// <summary>The public listeners of Kestrel's own section, and the management listener.</summary>
internal static class KestrelListeners
{
    /// <summary>Sets Kestrel up.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="certificate">For https endpoints that have none of their own: the demo's; null for none.</param>
    public static void AddListeners(this WebApplicationBuilder builder, GatewayOptions options, X509Certificate2? certificate)
    {
        // File names were read relative to the file that names them; Kestrel would take them relative to the program.
        builder.Configuration.AddInMemoryCollection(options.Files.Where(f => f.Key.StartsWith("Kestrel:", StringComparison.OrdinalIgnoreCase))
            .Select(f => KeyValuePair.Create(f.Key, (string?)f.Value)));

        // Kestrel is configured while it is made, so its own record cannot be asked for yet: hence the lazy server.
        builder.Services.AddSingleton(services => new BoundListeners(options, new Lazy<IServer>(services.GetRequiredService<IServer>)));
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory>();
        builder.WebHost.UseKestrelHttpsConfiguration(); // the slim builder has https in the configuration only on demand
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowHostHeaderOverride = true; // EDGE-061: an absolute target's own authority counts
            SetLimits(kestrel.Limits, options.Limits.MaxStanzaBytes);
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2);
            if (certificate is not null)
            {
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate);
            }

            var loader = kestrel.Configure(context.Configuration.GetSection("Kestrel"), reloadOnChange: false);
            var endpoints = new List<ListenOptions>();
            foreach (var endpoint in options.Endpoints)
            {
                var listener = new Listener(ListenerKind.Public, endpoint.ServesXmpp);
                loader.Endpoint(endpoint.Name, e =>
                {
                    // Without TLS nothing can be negotiated; HTTP/2 there is for who asks for it alone.
                    if (!e.IsHttps && e.ListenOptions.Protocols == HttpProtocols.Http1AndHttp2)
                    {
                        e.ListenOptions.Protocols = HttpProtocols.Http1;
                    }

                    e.ListenOptions.Mark(listener);
                    endpoints.Add(e.ListenOptions);
                });
            }

            // Loaded now and not by the server at its start: what is added to an endpoint after this stands behind its TLS.
            loader.Load();
            foreach (var endpoint in endpoints.Where(e => e.Protocols.HasFlag(HttpProtocols.Http1)))
            {
                endpoint.UsePipelining();
            }

            kestrel.Listen(options.Management.Url, e =>
            {
                e.Protocols = HttpProtocols.Http1;
                e.Mark(Listener.Management);
                e.ApplicationServices.GetRequiredService<BoundListeners>().SetManagement(e);
            });
        });
    }

    private static void SetLimits(KestrelServerLimits limits, int maxStanzaBytes)
    {
        limits.MaxRequestBodySize = maxStanzaBytes + BoshOptions.WrapperBytes; // EDGE-035
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15); // EDGE-040
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(30)); // EDGE-040
        limits.MaxRequestHeadersTotalSize = 16 * 1024; // EDGE-041
        limits.Http2.MaxRequestHeaderFieldSize = 16 * 1024;
        limits.Http2.MaxStreamsPerConnection = 100; // EDGE-041

        // WS-016: streams that nobody reads take their own windows, and all of them together no other's.
        limits.Http2.InitialStreamWindowSize = 64 * 1024;
        limits.Http2.InitialConnectionWindowSize = limits.Http2.MaxStreamsPerConnection * limits.Http2.InitialStreamWindowSize;
    }

    private static void Listen(this KestrelServerOptions kestrel, ListenerAddress address, Action<ListenOptions> configure)
    {
        if (address.IsLocalhost)
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else if (address.Address is { } one)
        {
            kestrel.Listen(one, address.Port, configure);
        }
        else if (address.UnixSocket is { } path)
        {
            kestrel.ListenUnixSocket(path, configure);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
    }

    private static void Mark(this ListenOptions endpoint, Listener listener) =>
        endpoint.Use(next => connection =>
        {
            connection.Features.Set(listener);
            return next(connection);
        });
}
