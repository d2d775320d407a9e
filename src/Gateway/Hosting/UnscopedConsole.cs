using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting;

/// <summary>
/// The console without scopes. Kestrel opens one for each connection, which the log does not print, but which every wait of that
/// connection and of what begins on it would carry along.
/// </summary>
[ProviderAlias("Console")]
internal sealed class UnscopedConsole(ConsoleLoggerProvider console) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => console.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The console is the container's to dispose.
    }
}
