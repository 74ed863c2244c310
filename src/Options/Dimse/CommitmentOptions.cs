namespace ImagingIngestion.Options;

/// <summary>How requests for storage commitment are kept, checked and reported.</summary>
public sealed record CommitmentOptions
{
    public static Setting MaxAgeSetting { get; } = new("Commitment:MaxAge");
    public static Setting GraceSetting { get; } = new("Commitment:Grace");
    public static Setting ReportDelaySetting { get; } = new("Commitment:ReportDelay");
    public static Setting RetryDelaySetting { get; } = new("Commitment:RetryDelay");
    public static Setting AnswerTimeoutSetting { get; } = new("Commitment:AnswerTimeout");
    public static Setting MaxReferencesSetting { get; } = new("Commitment:MaxReferences");
    public static Setting MaxWaitingSetting { get; } = new("Commitment:MaxWaiting");

    /// <summary>How long a report is tried; after that the request is dropped.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long after the request instances that are missing may still arrive before they are reported as failed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a report waits at least, so that a requestor which releases its association after the answer is not caught in the middle.
    /// </summary>
    public TimeSpan ReportDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The pause after the first report that failed; each further one doubles it.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the requestor may take to answer a report. One that is silent on the association of its request is called at once on
    /// another.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Instances of one request.</summary>
    public int MaxReferences { get; init; } = 10_000;

    /// <summary>Requests that may wait for their report.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static CommitmentOptions Read(SettingsReader settings)
    {
        CommitmentOptions defaults = new();
        return new CommitmentOptions
        {
            MaxAge = settings.Duration(MaxAgeSetting, defaults.MaxAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            Grace = settings.Duration(GraceSetting, defaults.Grace, TimeSpan.Zero, TimeSpan.FromHours(24)),
            ReportDelay = settings.Duration(ReportDelaySetting, defaults.ReportDelay, TimeSpan.Zero, TimeSpan.FromHours(1)),
            RetryDelay = settings.Duration(RetryDelaySetting, defaults.RetryDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10)),
            AnswerTimeout = settings.Duration(
                AnswerTimeoutSetting, defaults.AnswerTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(40)),
            MaxReferences = settings.Integer(MaxReferencesSetting, defaults.MaxReferences, 1, 20_000),
            MaxWaiting = settings.Integer(MaxWaitingSetting, defaults.MaxWaiting, 1, 1_000_000),
        };
    }
}
