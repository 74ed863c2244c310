using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Tests;

/// <summary>A fake clock that stands still, and on which some pauses are over at once and are noted.</summary>
/// <remarks>For loops that pause again and again: a test would have to advance the clock once for each pause.</remarks>
/// <param name="isSkipped">Whether a pause of this length is skipped; the others never end.</param>
internal sealed class SkippedTime(Predicate<TimeSpan> isSkipped) : FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
{
    /// <summary>The pauses that were skipped, in their order.</summary>
    public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (!isSkipped(dueTime))
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        Pauses.Enqueue(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
