using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Manifest.Background;

/// <summary>The background loops of a process: nothing in it works on without being known here (design promise 12).</summary>
/// <param name="time">The clock of the process.</param>
/// <param name="loggers">Where failures are told.</param>
public sealed class Supervision(TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SupervisedLoop, byte> _running = new();
    private readonly ConcurrentDictionary<string, Func<string?>> _watched = new(StringComparer.Ordinal);

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Loggers { get; } = loggers;

    /// <summary>What fails now: the name of each loop, and what is wrong.</summary>
    public IReadOnlyList<(string Loop, string Text)> Faults
    {
        get
        {
            IEnumerable<(string Loop, string? Text)> watched = _watched.Select(loop => (loop.Key, loop.Value()));
            IEnumerable<(string Loop, string? Text)> running = _running.Keys.Select(loop => (loop.Name, loop.Fault));
            return [.. from loop in running.Concat(watched) where loop.Text is not null orderby loop.Loop select (loop.Loop, loop.Text)];
        }
    }

    /// <summary>What waits longest for each loop that knows it.</summary>
    public IReadOnlyList<(string Loop, TimeSpan Age)> Waiting
        => [.. from loop in _running.Keys let age = loop.OldestWaits?.Invoke() where age is not null orderby loop.Name select (loop.Name,
            age.Value)];

    /// <summary>For who has no log and no health: a tool, or a test of something else.</summary>
    public static Supervision Of(TimeProvider time) => new(time, NullLoggerFactory.Instance);

    /// <summary>A loop that is known while it runs.</summary>
    /// <param name="name">What it does, in a few words that may be told to anybody.</param>
    /// <param name="longestPause">Between two tries; 5 seconds where it is not given.</param>
    /// <param name="oldestWaits">How long the oldest thing waits that it has to do.</param>
    public SupervisedLoop Loop(string name, TimeSpan? longestPause = null, Func<TimeSpan?>? oldestWaits = null)
        => new(name, longestPause ?? LongestPause, this) { OldestWaits = oldestWaits };

    /// <summary>A loop of a layer below, which supervises itself.</summary>
    /// <param name="name">What it does.</param>
    /// <param name="fault">Tells what is wrong; null when nothing is.</param>
    public void Watch(string name, Func<string?> fault) => _watched[name] = fault;

    internal void Add(SupervisedLoop loop) => _running.TryAdd(loop, 0);

    internal void Remove(SupervisedLoop loop) => _running.TryRemove(loop, out _);
}
