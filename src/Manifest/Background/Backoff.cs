namespace ImagingIngestion.Manifest.Background;

/// <summary>
/// How long to wait after something failed: twice as long each time, up to a limit, less a random part so that processes do not meet.
/// </summary>
public static class Backoff
{
    private const int FirstMilliseconds = 100;
    private const int MaxDoublings = 20;

    /// <param name="faults">How often it failed in a row, from 1.</param>
    /// <param name="longest">The limit.</param>
    public static TimeSpan Of(int faults, TimeSpan longest)
    {
        double full = Math.Min(longest.TotalMilliseconds, (double)FirstMilliseconds * (1 << Math.Min(faults - 1, MaxDoublings)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
