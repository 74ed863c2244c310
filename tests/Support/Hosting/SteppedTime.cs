namespace ImagingIngestion.Tests;

/// <summary>A clock that stands still until it is moved, and then fires the timers that it passes, in their order.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<SteppedTimer> _timers = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        SteppedTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes when so many loops wait for their next tick: whatever the last step set off has been seen to.</summary>
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

    /// <summary>Moves the clock, and lets the loops see to each tick before it goes on to the next.</summary>
    public async Task AdvanceAsync(TimeSpan span, int loops)
    {
        DateTimeOffset end = GetUtcNow() + span;
        while (true)
        {
            await LoopsWaitAsync(loops);
            DateTimeOffset next = NextTimer();
            AdvanceTo(next < end ? next : end);
            if (next >= end)
            {
                await LoopsWaitAsync(loops);
                return;
            }
        }
    }

    /// <summary>Moves the clock at once.</summary>
    public void Advance(TimeSpan span) => AdvanceTo(GetUtcNow() + span);

    private void AdvanceTo(DateTimeOffset end)
    {
        while (TakeNext(end) is { } timer)
        {
            timer.Fire();
        }
    }

    internal void Set(SteppedTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.Due = _now + dueTime;
                timer.Period = period;
                timer.HasFired = false;
                _timers.Add(timer);
                TellWaiting();
            }
        }
    }

    internal void Remove(SteppedTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>The next timer that is due by then, its time being now; null when none is left, and it is then.</summary>
    private SteppedTimer? TakeNext(DateTimeOffset end)
    {
        lock (_gate)
        {
            SteppedTimer? next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
            {
                _now = end;
                return null;
            }

            _now = next.Due > _now ? next.Due : _now;
            next.HasFired = true;
            if (next.Period > TimeSpan.Zero)
            {
                next.Due = _now + next.Period;
            }
            else
            {
                _timers.Remove(next);
            }

            return next;
        }
    }

    private DateTimeOffset NextTimer()
    {
        lock (_gate)
        {
            return _timers.Count == 0 ? DateTimeOffset.MaxValue : _timers.Min(timer => timer.Due);
        }
    }

    /// <summary>Deadlines have no period; a loop waits while its timer has not fired.</summary>
    private void TellWaiting()
    {
        int waiting = _timers.Count(timer => timer.Period > TimeSpan.Zero && !timer.HasFired);
        foreach ((int count, TaskCompletionSource reached) in _awaited.Where(entry => entry.Count <= waiting))
        {
            reached.TrySetResult();
        }

        _awaited.RemoveAll(entry => entry.Count <= waiting);
    }
}
