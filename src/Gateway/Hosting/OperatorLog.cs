using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting;

/// <summary>What an operator reads: one line an event, times in UTC.</summary>
internal static class OperatorLog
{
    private const string IncludeScopes = "Logging:Console:FormatterOptions:IncludeScopes";

    /// <summary>Sets the console up; the section <c>Logging</c> has the last word on levels and on <c>Console:QueueFullMode</c>.</summary>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.ClearProviders();

        // Whoever reads the log and stops reading must not stop the gateway: the console tells how many lines it dropped.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        logging.AddFilter(null, LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a failed start is told in one line by the command
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // says nothing of a request that is not said elsewhere, and for its scope alone each one would get an activity
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
        if (!configuration.GetValue<bool>(IncludeScopes))
        {
            logging.Services.RemoveAll<ILoggerProvider>();
            logging.Services.AddSingleton<ConsoleLoggerProvider>().AddSingleton<ILoggerProvider, UnscopedConsole>();
        }
    }
}
