namespace ImagingIngestion.Tests;

/// <summary>A clock that runs faster than the real one: pauses of seconds and leases of half a minute fit into a short test.</summary>
/// <remarks>
/// For tests of many loops that wait for each other and for a real store: no test could tell when to advance a <c>FakeTimeProvider</c>.
/// </remarks>
internal sealed class FastTime(int speed) : TimeProvider
{
    private readonly long _begin = System.GetTimestamp();
    private readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => System.CreateTimer(callback, state, Real(dueTime), Real(period));

    private TimeSpan Elapsed => System.GetElapsedTime(_begin) * speed;

    private TimeSpan Real(TimeSpan span) => span <= TimeSpan.Zero ? span : span / speed;
}
