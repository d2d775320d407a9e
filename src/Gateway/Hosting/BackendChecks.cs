using Gateway.Core.Backend.Pools;

namespace Gateway.Hosting;

/// <summary>Runs the checks of backends for as long as the gateway serves.</summary>
internal sealed class BackendChecks(BackendMonitor monitor) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => monitor.RunAsync(stoppingToken);
}
