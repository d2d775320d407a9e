using System.Collections.Concurrent;

namespace Gateway.Fuzz.Live;

/// <summary>Keeps what no input may cause: errors in the log.</summary>
internal sealed class LogWatch : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>Throws what was logged since the last call.</summary>
    public void Check()
    {
        if (!_errors.IsEmpty)
        {
            var errors = string.Join('\n', _errors);
            _errors.Clear();
            throw new InvalidOperationException("logged: " + errors);
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _errors.Enqueue($"{logLevel} {eventId}: {formatter(state, exception)} {exception}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
