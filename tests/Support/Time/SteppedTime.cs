using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Tests;

/// <summary>A fake clock that knows how many loops wait for it, and steps from one of their ticks to the next.</summary>
/// <remarks>
/// <see cref="FakeTimeProvider"/> passes all ticks of a long step at once; the loops would see the time at its end only.
/// </remarks>
internal sealed class SteppedTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly List<Tick> _ticks = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Task.Delay hands its task to the timer.
        Tick tick = new(this, isPause: state is Task || period > TimeSpan.Zero);
        tick.Timer = base.CreateTimer(
            _ =>
            {
                Fire(tick);
                callback(state);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        tick.Change(dueTime, period);
        return tick;
    }

    /// <summary>Completes when this many loops wait for their next tick: they have finished the work of the last step.</summary>
    public Task LoopsWaitAsync(int count)
    {
        lock (_gate)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((count, reached));
            TellWaiting();
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>Moves the clock, and at each tick waits until this many loops wait again.</summary>
    public async Task AdvanceAsync(TimeSpan span, int loops)
    {
        DateTimeOffset end = GetUtcNow() + span;
        while (true)
        {
            await LoopsWaitAsync(loops);
            DateTimeOffset next = NextTick();
            SetUtcNow(next < end ? next : end);
            if (next >= end)
            {
                await LoopsWaitAsync(loops);
                return;
            }
        }
    }

    /// <summary>Sets the timer before anybody hears that a loop waits.</summary>
    /// <remarks>The one who hears it may move the clock at once, and the tick must not be due before its timer.</remarks>
    private bool Arm(Tick tick, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _ticks.Remove(tick);
            tick.Period = period;
            tick.HasFired = false;
            bool isChanged = tick.Timer!.Change(dueTime, period);
            if (dueTime != Timeout.InfiniteTimeSpan && !tick.HasFired)
            {
                tick.Due = GetUtcNow() + dueTime;
                _ticks.Add(tick);
                TellWaiting();
            }

            return isChanged;
        }
    }

    private void Fire(Tick tick)
    {
        lock (_gate)
        {
            tick.HasFired = true;
            tick.Due += tick.Period;
            if (tick.Period <= TimeSpan.Zero)
            {
                _ticks.Remove(tick);
            }
        }
    }

    private void Remove(Tick tick)
    {
        lock (_gate)
        {
            _ticks.Remove(tick);
        }
    }

    private DateTimeOffset NextTick()
    {
        lock (_gate)
        {
            return _ticks.Count == 0 ? DateTimeOffset.MaxValue : _ticks.Min(tick => tick.Due);
        }
    }

    /// <summary>A loop waits while the timer of its pause has not fired; timers of deadlines are not counted.</summary>
    private void TellWaiting()
    {
        int waiting = _ticks.Count(tick => tick.IsPause && !tick.HasFired);
        foreach ((_, TaskCompletionSource reached) in _awaited.Where(entry => entry.Count <= waiting))
        {
            reached.TrySetResult();
        }

        _awaited.RemoveAll(entry => entry.Count <= waiting);
    }

    private sealed class Tick(SteppedTime time, bool isPause) : ITimer
    {
        public bool IsPause { get; } = isPause;

        public ITimer? Timer { get; set; }

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        public bool HasFired { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => time.Arm(this, dueTime, period);

        public void Dispose()
        {
            time.Remove(this);
            Timer!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
