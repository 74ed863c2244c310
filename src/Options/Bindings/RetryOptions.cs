namespace ImagingIngestion.Options;

/// <summary>How a delivery that failed is tried again.</summary>
public sealed record RetryOptions
{
    /// <summary>The longest that a target is believed when it asks to wait (Retry-After), whatever the other limits are.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>The pause after the first failure; it doubles with each further one, less up to a half of it at random.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Attempts before a delivery becomes a dead letter: about three days with the defaults.</summary>
    public int MaxAttempts { get; init; } = 300;

    /// <summary>Failures of the target in a row after which it is left alone for a while.</summary>
    public int BreakAfter { get; init; } = 5;

    /// <summary>How long it is left alone the first time; doubles while it goes on failing.</summary>
    public TimeSpan FirstBreak { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that it is left alone.</summary>
    public TimeSpan MaxBreak { get; init; } = TimeSpan.FromMinutes(1);
}
