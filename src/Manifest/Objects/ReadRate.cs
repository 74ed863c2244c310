namespace ImagingIngestion.Manifest.Objects;

/// <summary>Keeps readers of objects to so many bytes a second together.</summary>
/// <param name="bytesPerSecond">The most; 0 for no limit.</param>
/// <param name="time">The clock.</param>
public sealed class ReadRate(long bytesPerSecond, TimeProvider time)
{
    /// <summary>A shorter wait is left to the next one.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private long _freeAt = time.GetTimestamp();

    /// <summary>Waits until those bytes may be read that were read before these.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _freeAt = Math.Max(_freeAt, now) + (long)(bytes / (double)bytesPerSecond * time.TimestampFrequency);
            wait = time.GetElapsedTime(now, _freeAt);
        }

        if (wait >= ShortestWait)
        {
            using PeriodicTimer timer = new(wait, time);
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
