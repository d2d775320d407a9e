using Gateway.Hosting;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Hosting;

/// <summary>What an operator may say of the console.</summary>
public sealed class OperatorLogTests
{
    [Theory]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public void Scopes_AreOpenedOnlyForAConsoleThatPrintsThem(string prints, bool isOpened)
    {
        using var services = Create(("Logging:Console:FormatterOptions:IncludeScopes", prints));
        var before = ExecutionContext.Capture();
        using var scope = Logger(services).BeginScope("connection");

        (ExecutionContext.Capture() != before).ShouldBe(isOpened, "a scope rides along with the context");
    }

    [Fact]
    public void LevelsOfTheConsole_Count()
    {
        using var services = Create(("Logging:Console:LogLevel:Default", "Error"));
        Logger(services).IsEnabled(LogLevel.Warning).ShouldBeFalse();
        Logger(services).IsEnabled(LogLevel.Error).ShouldBeTrue();
    }

    /// <summary>A reader of the log that stops reading would stop the gateway.</summary>
    [Theory]
    [InlineData(null, ConsoleLoggerQueueFullMode.DropWrite)]
    [InlineData("Wait", ConsoleLoggerQueueFullMode.Wait)]
    public void LinesThatNobodyReads_AreDroppedUnlessTheOperatorWantsToWait(string? configured, ConsoleLoggerQueueFullMode mode)
    {
        using var services = configured is null ? Create() : Create(("Logging:Console:QueueFullMode", configured));
        services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.QueueFullMode.ShouldBe(mode);
    }

    private static ILogger Logger(ServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("Gateway.X");

    private static ServiceProvider Create(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging(logging => OperatorLog.Configure(logging, configuration)).BuildServiceProvider();
    }
}
