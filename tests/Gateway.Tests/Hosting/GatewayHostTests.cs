namespace Gateway.Tests.Hosting;

/// <summary>What an operator is told at the start.</summary>
public sealed class GatewayHostTests
{
    [Fact]
    [Trait("Requirement", "EDGE-009")]
    public async Task Announce_MechanismsAreTakenOut_WarnsOfEachAndSaysWhatToDoInstead()
    {
        await using var gateway = await RunningGateway.StartAsync("--Gateway:Security:AllowMechanisms:0=SCRAM-SHA-1", "--Gateway:Security:DenyMechanisms:0=LOGIN");
        using var warnings = new Warnings();
        gateway.Host.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(warnings);

        gateway.Host.Announce(TextWriter.Null);

        warnings.Said.Count.ShouldBe(2);
        warnings.Said[0].ShouldStartWith("Domain example.org: login mechanisms are taken out of its backend's offers: LOGIN.");
        warnings.Said[1].ShouldStartWith("Domain example.org: login mechanisms are taken out of its backend's offers: all but SCRAM-SHA-1.");
        warnings.Said.ShouldAllBe(w => w.Contains("Disable them on the backend instead"));
    }

    [Fact]
    [Trait("Requirement", "EDGE-009")]
    public async Task Announce_NothingIsConfigured_WarnsOfNothing()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var warnings = new Warnings();
        gateway.Host.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(warnings);

        gateway.Host.Announce(TextWriter.Null);

        warnings.Said.ShouldBeEmpty();
    }

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public List<string> Said { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Said)
            {
                Said.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
