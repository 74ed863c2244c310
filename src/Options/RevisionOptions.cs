namespace ImagingIngestion.Options;

/// <summary>How due revisions are found and closed.</summary>
public sealed record RevisionOptions
{
    public static Setting PollIntervalSetting { get; } = new("Revisions:PollInterval");
    public static Setting LeaseSetting { get; } = new("Revisions:Lease");
    public static Setting ConcurrencySetting { get; } = new("Revisions:Concurrency");

    /// <summary>The longest time between two looks at the due times: others may have opened revisions meanwhile.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a claim holds: a revision whose process died is closed by another one, or by the next, this much later at the latest.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Revisions that are closed at the same time.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static RevisionOptions Read(SettingsReader settings)
    {
        RevisionOptions defaults = new();
        return new RevisionOptions
        {
            PollInterval = settings.Duration(
                PollIntervalSetting, defaults.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1)),
            Lease = settings.Duration(LeaseSetting, defaults.Lease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            Concurrency = settings.Integer(ConcurrencySetting, defaults.Concurrency, 1, 1000),
        };
    }
}
