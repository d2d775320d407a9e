using Gateway.Configuration;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Policies;
using Gateway.Core.Telemetry;

namespace Gateway.Hosting;

/// <summary>
/// Brings changes of <c>Gateway:Domains</c> and <c>Gateway:Backends</c>, and of the certificate files that they name, into force while
/// sessions run: all of a change or none of it. What the files hold is looked at every second, for not every file system tells of
/// changes and a mounted directory changes as a whole; <see cref="Ask"/> reads them at once. What the listeners use waits for a restart.
/// </summary>
/// <param name="origin">What is read.</param>
/// <param name="options">What the gateway was started with.</param>
/// <param name="complete">Adds what is not configured: the demo.</param>
/// <param name="domains">The domains in force.</param>
/// <param name="backends">The backends in force.</param>
/// <param name="metrics">Told of new domains.</param>
/// <param name="time">The clock.</param>
/// <param name="log">One line for each change, and one for each error that kept one out.</param>
internal sealed partial class ConfigurationReload(
    ConfigurationOrigin origin,
    GatewayOptions options,
    Func<GatewayOptions, GatewayOptions> complete,
    DomainPolicy domains,
    BackendTable backends,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<ConfigurationReload> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly string[] Reloaded = ["Gateway:Domains:", "Gateway:Backends:"];

    private readonly SemaphoreSlim _wanted = new(0);
    private IReadOnlyDictionary<string, string> _values = new Dictionary<string, string>();
    private Dictionary<string, string> _atStart = [];
    private FileContents _seen = origin.AtStart;
    private FileContents _inForce = origin.AtStart;
    private FileContents _filesAtStart = origin.AtStart;

    /// <summary>Reads at once, whether or not anything seems to have changed. Nothing once the gateway has ended.</summary>
    public void Ask()
    {
        try
        {
            _wanted.Release();
        }
        catch (ObjectDisposedException)
        {
            // Asked by a signal, which comes when it likes.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _wanted.Dispose();
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            origin.Read(options, out var findings);
            _values = _atStart = ValuesOf(findings);
            _filesAtStart = _inForce = _seen = _seen.With(findings.NamedFiles);
        }
        catch (InvalidConfigurationException)
        {
            // It became wrong since it was read: a change, which is told in its turn.
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = _seen;
        try
        {
            while (true)
            {
                var isAsked = await WaitAsync(stoppingToken);
                var now = _seen.Again();

                // Twice the same: whoever writes has finished.
                if (isAsked || (!now.HoldTheSameAs(_seen) && now.HoldTheSameAs(before)))
                {
                    _seen = now;
                    Reload();
                    now = _seen;
                }

                before = now;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        using var interval = new CancellationTokenSource(Interval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, interval.Token);
        try
        {
            await _wanted.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Reload()
    {
        try
        {
            var configured = origin.Read(options, out var findings);
            _seen = _seen.With(findings.NamedFiles); // those of a refused one, too: what it lacks may come
            if (findings.Errors.Count > 0)
            {
                throw new InvalidConfigurationException(findings.Errors);
            }

            configured = complete(configured);
            var applyBackends = backends.Prepare(configured.Backends, configured.Domains);
            var applyDomains = domains.Prepare(configured.Domains);

            // :: From here on nothing can fail. A session that was sent to a backend by the old table still finds it.
            var before = domains.All;
            applyBackends();
            applyDomains();
            foreach (var domain in configured.Domains)
            {
                metrics.DomainServed(domain.Name);
            }

            MechanismRemovals.Tell(log, configured.Domains, before);
            Tell(findings);
        }
        catch (InvalidConfigurationException e)
        {
            foreach (var error in e.Errors)
            {
                Log.Refused(log, error);
            }
        }
        catch (Exception e)
        {
            Log.Failed(log, e);
        }
    }

    private void Tell(ConfigurationFindings findings)
    {
        var before = _values;
        _values = ValuesOf(findings);
        string[] changed = [.. before.Keys.Union(_values.Keys).Where(k => before.GetValueOrDefault(k) != _values.GetValueOrDefault(k)).Order(StringComparer.Ordinal)];
        var isReloaded = changed.ToLookup(IsReloaded);
        string[] ofEndpoints = [.. findings.Files.Where(f => !IsReloaded(f.Key)).Select(f => f.Value)];
        string[] what = [.. isReloaded[true], .. _inForce.DifferentIn(_seen).Intersect(findings.NamedFiles).Except(ofEndpoints)];
        _inForce = _seen;
        Log.Reloaded(log, domains.All.Count, what.Length > 0 ? string.Join(", ", what) : "nothing");
        string[] waiting = [.. isReloaded[false].Where(k => _values.GetValueOrDefault(k) != _atStart.GetValueOrDefault(k)), .. _filesAtStart.DifferentIn(_seen).Intersect(ofEndpoints)];
        if (waiting.Length > 0)
        {
            Log.Waiting(log, string.Join(", ", waiting));
        }
    }

    private static bool IsReloaded(string key) => Array.Exists(Reloaded, section => key.StartsWith(section, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string> ValuesOf(ConfigurationFindings findings) =>
        findings.Values.ToDictionary(v => v.Path, v => v.Value, StringComparer.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(8201, LogLevel.Information, "Configuration read again: {Domains} domains; changed: {Keys}", EventName = "ConfigurationReloaded")]
        public static partial void Reloaded(ILogger logger, int domains, string keys);

        [LoggerMessage(8202, LogLevel.Error, "The changed configuration is not used: {Error}", EventName = "ConfigurationRefused")]
        public static partial void Refused(ILogger logger, string error);

        [LoggerMessage(8203, LogLevel.Warning, "Changes that wait for a restart: {Keys}", EventName = "ConfigurationWaits")]
        public static partial void Waiting(ILogger logger, string keys);

        [LoggerMessage(8204, LogLevel.Error, "The changed configuration is not used", EventName = "ConfigurationFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
