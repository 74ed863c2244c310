using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Storage.Tests;

/// <summary>A log that is kept, and can be waited for.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();
    private readonly SemaphoreSlim _written = new(0);

    public IReadOnlyCollection<(LogLevel Level, string Text)> All => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception?.Message}"));
        _written.Release();
    }

    /// <summary>Returns the first line with a text that is there or comes.</summary>
    public async Task<(LogLevel Level, string Text)> UntilAsync(string text, TimeSpan patience)
    {
        using CancellationTokenSource deadline = new(patience);
        while (true)
        {
            if (_lines.FirstOrDefault(line => line.Text.Contains(text, StringComparison.Ordinal)) is { Text: not null } found)
            {
                return found;
            }

            await _written.WaitAsync(deadline.Token);
        }
    }

    public void Dispose()
    {
        // It lives as long as its test.
    }
}
