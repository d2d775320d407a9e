using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Bosh;

/// <summary>What all sessions share.</summary>
/// <param name="Connector">Opens backend streams.</param>
/// <param name="Metrics">Counts.</param>
/// <param name="Watch">Told of logins.</param>
/// <param name="Options">What is granted.</param>
/// <param name="Limits">What a client may cost.</param>
/// <param name="Time">The clock.</param>
/// <param name="Timers">Keeps their deadlines.</param>
/// <param name="Log">Two lines a session.</param>
/// <param name="Forget">Takes a sid out of the table.</param>
internal sealed record BoshSessionServices(
    IBackendConnector Connector, GatewayMetrics Metrics, AuthenticationWatch Watch, BoshOptions Options, SessionLimits Limits, TimeProvider Time, TimerWheel Timers,
    ILogger Log, Action<string> Forget);
