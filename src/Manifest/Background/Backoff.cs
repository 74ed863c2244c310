namespace ImagingIngestion.Manifest.Background;

/// <summary>The pauses between attempts at something that fails: each is twice as long as the one before, up to a limit.</summary>
public static class Backoff
{
    private const int MaxDoublings = 40;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the pause after a fault, 100 ms at first, shortened at random.</summary>
    /// <param name="faults">How many attempts failed in a row, from 1.</param>
    /// <param name="longest">The limit.</param>
    public static TimeSpan Of(int faults, TimeSpan longest) => Of(faults, FirstPause, longest);

    /// <summary>Returns the pause after a fault, shortened at random by up to half: processes that failed together spread out.</summary>
    /// <param name="faults">How many attempts failed in a row, from 1.</param>
    /// <param name="first">The pause after the first fault.</param>
    /// <param name="longest">The limit.</param>
    public static TimeSpan Of(int faults, TimeSpan first, TimeSpan longest)
        => Full(faults, first, longest) * (0.5 + (Random.Shared.NextDouble() / 2));

    /// <summary>Returns the pause after a fault in its full length.</summary>
    /// <param name="faults">How many attempts failed in a row, from 1.</param>
    /// <param name="first">The pause after the first fault.</param>
    /// <param name="longest">The limit.</param>
    public static TimeSpan Full(int faults, TimeSpan first, TimeSpan longest)
        => TimeSpan.FromTicks((long)Math.Min(longest.Ticks, first.Ticks * Math.Pow(2, Math.Min(faults - 1, MaxDoublings))));
}
