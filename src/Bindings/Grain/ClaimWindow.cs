namespace ImagingIngestion.Bindings.Grain;

/// <summary>
/// How many deliveries to hold at a time: one round of calls for a slow target, so that little is held when the binding is paused, and more for a
/// target that takes them as fast as they are claimed.
/// </summary>
internal sealed class ClaimWindow(int round, TimeProvider time)
{
    private const int Most = 512;

    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private readonly int _least = Math.Min(round, Most);
    private long _claimedAt = time.GetTimestamp();
    private bool _wasFull;

    public int Size { get; private set; } = Math.Min(round, Most);

    /// <summary>Notes that as many were claimed as there was room for, or fewer.</summary>
    public void Claimed(bool isFull)
    {
        TimeSpan since = time.GetElapsedTime(_claimedAt);
        if (since > Slow)
        {
            Size = Math.Max(_least, Size / 2);
        }
        else if (since < Fast && _wasFull && isFull)
        {
            Size = Math.Min(Most, Size * 2);
        }

        _claimedAt = time.GetTimestamp();
        _wasFull = isFull;
    }
}
