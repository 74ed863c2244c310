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

    /// <summary>The current faults by the names of their loops.</summary>
    public IReadOnlyList<LoopFault> Faults =>
    [
        .. _running.Keys.Select(loop => LoopFault.Of(loop.Name, loop.Fault))
            .Concat(_watched.Keys.Select(name => LoopFault.Of(name, _watched[name]())))
            .OfType<LoopFault>()
            .OrderBy(fault => fault.Loop, StringComparer.Ordinal),
    ];

    /// <summary>The age of the oldest waiting item of each loop that knows it.</summary>
    public IReadOnlyList<LoopWait> Waiting =>
    [
        .. _running.Keys.Select(loop => LoopWait.Of(loop.Name, loop.OldestWaits?.Invoke()))
            .OfType<LoopWait>()
            .OrderBy(waiting => waiting.Loop, StringComparer.Ordinal),
    ];

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

/// <summary>The fault of a loop in a few words.</summary>
/// <remarks>A class: LINQ over value types is compiled while the process starts, LINQ over classes when it is published.</remarks>
public sealed record LoopFault(string Loop, string Text)
{
    internal static LoopFault? Of(string loop, string? text) => text is null ? null : new LoopFault(loop, text);
}

/// <summary>How long the oldest waiting item of a loop waits.</summary>
public sealed record LoopWait(string Loop, TimeSpan Age)
{
    internal static LoopWait? Of(string loop, TimeSpan? age) => age is { } known ? new LoopWait(loop, known) : null;
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
