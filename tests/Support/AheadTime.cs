namespace ImagingIngestion.Tests;

/// <summary>Measures as the system does, ahead of it by what a test lets pass; timers are those of the system.</summary>
internal sealed class AheadTime : TimeProvider
{
    private long _ahead;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _ahead);

    public void Pass(TimeSpan span) => Interlocked.Add(ref _ahead, (long)(span.TotalSeconds * System.TimestampFrequency));
}
