using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Tests.Targets;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordedLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<string> _messages = new();

    /// <summary>Level, id and message.</summary>
    public IReadOnlyList<string> Messages => [.. _messages];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _messages.Enqueue($"{logLevel} {eventId.Id}: {formatter(state, exception)}");
}
