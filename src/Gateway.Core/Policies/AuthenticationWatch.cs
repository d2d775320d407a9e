using System.Collections.Concurrent;
using System.Net;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Policies;

/// <summary>What all sessions together tell of logins: failures by client address (EDGE-038), and backends whose offers cannot work here (EDGE-004).</summary>
public sealed partial class AuthenticationWatch
{
    private readonly GatewayMetrics _metrics;
    private readonly ILogger<AuthenticationWatch> _log;
    private readonly AddressFailures _failures;
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes what it counts by and where it tells.</summary>
    public AuthenticationWatch(SessionLimits limits, GatewayMetrics metrics, TimeProvider time, ILogger<AuthenticationWatch> log)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _metrics = metrics;
        _log = log;
        _failures = new AddressFailures(limits.AuthFailuresPerHourPerAddress, time);
    }

    /// <summary>An address has failed too often to begin another session now.</summary>
    /// <param name="client">Where the client is.</param>
    /// <param name="retryAfter">How long that lasts still.</param>
    public bool IsBarred(IPAddress? client, out TimeSpan retryAfter) => _failures.IsBarred(client, out retryAfter);

    /// <summary>A login failed.</summary>
    /// <param name="domain">The configured name of its domain.</param>
    /// <param name="client">Where the client is; null for a refusal that says nothing of who the client is, such as that of a mechanism.</param>
    public void AuthFailed(string domain, IPAddress? client)
    {
        _metrics.AuthFailed(domain);
        if (_failures.Count(client))
        {
            // The address is the operator's to know, and of use to nobody else (EDGE-072).
            Log.Barred(_log, client!);
        }
    }

    /// <summary>A backend's features offer channel binding.</summary>
    public void ChannelBindingOffered(string backend)
    {
        _metrics.ChannelBindingOffered(backend);
        if (_warned.TryAdd(backend, true))
        {
            Log.ChannelBindingOffered(_log, backend);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Warning,
            "Backend {Backend} offers channel binding, which cannot work through a gateway: clients that use it fail to log in. Give the gateway a listener that offers neither -PLUS mechanisms nor XEP-0440",
            EventName = "ChannelBindingOffered")]
        public static partial void ChannelBindingOffered(ILogger logger, string backend);

        [LoggerMessage(2202, LogLevel.Warning, "Too many failed logins from {Client}: new sessions from there are refused for a while", EventName = "AddressBarred")]
        public static partial void Barred(ILogger logger, IPAddress client);
    }
}
