namespace ImagingIngestion.Tests;

/// <summary>The clock of the system, plus the time that a test has let pass.</summary>
/// <remarks>For tests over real connections: their timers must fire by themselves, which those of <c>FakeTimeProvider</c> do not.</remarks>
internal sealed class AheadTime : TimeProvider
{
    private long _ahead;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _ahead);

    public void Pass(TimeSpan span) => Interlocked.Add(ref _ahead, (long)(span.TotalSeconds * System.TimestampFrequency));
}
