using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Manifest.Background;

/// <summary>The background loops of a process.</summary>
/// <remarks>Every loop is registered here, so that none fails in silence (docs/design.md, promise 12).</remarks>
/// <param name="time">The clock of the process.</param>
/// <param name="loggers">Creates the loggers for faults.</param>
public sealed class Supervision(TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SupervisedLoop, byte> _running = new();
    private readonly ConcurrentDictionary<string, Func<string?>> _watched = new(StringComparer.Ordinal);

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Loggers { get; } = loggers;

    /// <summary>The current faults: the name of each loop and its fault.</summary>
    public IReadOnlyList<(string Loop, string Text)> Faults
    {
        get
        {
            IEnumerable<(string Loop, string? Text)> watched = _watched.Select(loop => (loop.Key, loop.Value()));
            IEnumerable<(string Loop, string? Text)> running = _running.Keys.Select(loop => (loop.Name, loop.Fault));
            return [.. from loop in running.Concat(watched) where loop.Text is not null orderby loop.Loop select (loop.Loop, loop.Text)];
        }
    }

    /// <summary>The age of the oldest waiting item of each loop that knows it.</summary>
    public IReadOnlyList<(string Loop, TimeSpan Age)> Waiting
        => [.. from loop in _running.Keys let age = loop.OldestWaits?.Invoke() where age is not null orderby loop.Name select (loop.Name,
            age.Value)];

    /// <summary>Creates a supervision without log and health, for a tool or a test.</summary>
    public static Supervision Of(TimeProvider time) => new(time, NullLoggerFactory.Instance);

    /// <summary>Creates a loop that is supervised while it runs.</summary>
    /// <param name="name">The purpose of the loop in a few words, fit for everybody.</param>
    /// <param name="longestPause">The longest pause between two tries; 5 seconds by default.</param>
    /// <param name="oldestWaits">Returns how long the oldest item of its work waits.</param>
    public SupervisedLoop Loop(string name, TimeSpan? longestPause = null, Func<TimeSpan?>? oldestWaits = null)
        => new(name, longestPause ?? LongestPause, this) { OldestWaits = oldestWaits };

    /// <summary>Watches a loop of a lower layer that supervises itself.</summary>
    /// <param name="name">The purpose of the loop.</param>
    /// <param name="fault">Returns the fault; null if there is none.</param>
    public void Watch(string name, Func<string?> fault) => _watched[name] = fault;

    internal void Add(SupervisedLoop loop) => _running.TryAdd(loop, 0);

    internal void Remove(SupervisedLoop loop) => _running.TryRemove(loop, out _);
}

/// <summary>Registers the supervision of a process.</summary>
public static class SupervisionRegistration
{
    /// <summary>Adds the supervision. Every registration with a background loop may call it; all share one supervision.</summary>
    public static IServiceCollection AddSupervision(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Supervision>();
        return services;
    }
}
