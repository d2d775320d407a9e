using Gateway.Commands;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Management;
using Gateway.Transports.Bosh;
using Gateway.Transports.WebSockets;

namespace Gateway;

/// <summary>The table of contents.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        ProcessDefaults.Apply();
        return GatewayCommand.InvokeAsync(args, Console.Out, Console.Error);
    }

    /// <summary>A host with the configuration's sources and the log, and nothing else yet.</summary>
    internal static WebApplicationBuilder CreateBuilder(Invocation invocation, string? environment = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = environment });
        builder.Services.AddSingleton(new ConfigurationOrigin(invocation, builder.Environment.EnvironmentName, AppContext.BaseDirectory));
        ConfigurationSources.Load(builder.Configuration, invocation, builder.Environment.EnvironmentName, AppContext.BaseDirectory);
        OperatorLog.Configure(builder.Logging, builder.Configuration);
        return builder;
    }

    /// <summary>The gateway, ready to start.</summary>
    internal static async Task<GatewayHost> BuildAsync(WebApplicationBuilder builder, GatewayOptions configured)
    {
        var demo = configured.Demo.Enabled ? await DemoMode.StartAsync(builder.Configuration) : null;
        var options = demo?.Join(configured) ?? configured;

        builder.AddListeners(options, demo?.Certificate);
        builder.Services.AddCore(options);
        builder.Services.AddReload(configured => demo?.Join(configured) ?? configured);
        builder.Services.AddManagement();
        builder.Services.AddBosh(options.Bosh);
        builder.Services.AddXmppWebSocket(options.WebSocket);

        var app = builder.Build();
        app.UseManagement();
        app.UsePublicRules(options);
        app.UsePlaintextGate(options);
        app.UseBosh();
        app.UseXmppWebSocket();
        app.UseDemo(options);
        app.UseNotFound();
        return new GatewayHost(app, options, demo);
    }
}
