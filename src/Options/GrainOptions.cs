namespace ImagingIngestion.Options;

/// <summary>The bounds of the grain host.</summary>
public sealed record GrainOptions
{
    public static Setting MailboxCapacitySetting { get; } = new("Grains:MailboxCapacity");

    public static Setting BatchSizeSetting { get; } = new("Grains:BatchSize");

    public static Setting GroupSizeSetting { get; } = new("Grains:GroupSize");

    public static Setting MaxAttemptsSetting { get; } = new("Grains:MaxAttempts");

    public static Setting CommitTimeoutSetting { get; } = new("Grains:CommitTimeout");

    public static Setting IdleTimeSetting { get; } = new("Grains:IdleTime");

    public static Setting MaxActivationBytesSetting { get; } = new("Grains:MaxActivationBytes");

    public static Setting MaxWaitingBytesSetting { get; } = new("Grains:MaxWaitingBytes");

    public static Setting RevisioningDelaySetting { get; } = new("Grains:RevisioningDelay", Alias: "REVISIONING_DELAY");

    public static Setting MaxRevisioningDelaySetting { get; } = new("Grains:MaxRevisioningDelay");

    /// <summary>Calls that may wait for one study.</summary>
    public int MailboxCapacity { get; init; } = 1024;

    /// <summary>Calls of one study that are decided together and committed as one change.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Studies that are committed in one transaction.</summary>
    public int GroupSize { get; init; } = 64;

    /// <summary>How often a batch is decided when another writer changes the study each time.</summary>
    public int MaxAttempts { get; init; } = 100;

    /// <summary>How long a read or a commit may take before its outcome counts as unknown.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a study that nobody calls stays in memory.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes, by estimate, that studies in memory may take before the longest unused ones leave.</summary>
    public long MaxActivationBytes { get; init; } = 64L << 20;

    /// <summary>Bytes, by estimate, that calls waiting for their commit may hold in the whole process.</summary>
    public long MaxWaitingBytes { get; init; } = 64L << 20;

    /// <summary>How long a study must be left unchanged before it settles into a revision.</summary>
    public TimeSpan RevisioningDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its first change a revision settles at the latest, even if changes go on.</summary>
    public TimeSpan MaxRevisioningDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static GrainOptions Read(SettingsReader settings)
    {
        GrainOptions defaults = new();
        TimeSpan delay = settings.Duration(
            RevisioningDelaySetting, defaults.RevisioningDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        TimeSpan maxDelay = settings.Duration(
            MaxRevisioningDelaySetting, defaults.MaxRevisioningDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(7));
        return new GrainOptions
        {
            MailboxCapacity = settings.Integer(MailboxCapacitySetting, defaults.MailboxCapacity, 1, 1_000_000),
            BatchSize = settings.Integer(BatchSizeSetting, defaults.BatchSize, 1, 10_000),
            GroupSize = settings.Integer(GroupSizeSetting, defaults.GroupSize, 1, 10_000),
            MaxAttempts = settings.Integer(MaxAttemptsSetting, defaults.MaxAttempts, 1, 1000),
            CommitTimeout = settings.Duration(
                CommitTimeoutSetting, defaults.CommitTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            IdleTime = settings.Duration(IdleTimeSetting, defaults.IdleTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
            MaxActivationBytes = settings.Size(MaxActivationBytesSetting, defaults.MaxActivationBytes, 1 << 20, 1L << 40),
            RevisioningDelay = delay,

            // A longer delay alone is not a mistake: existing resources set only that one.
            MaxRevisioningDelay = maxDelay < delay ? delay : maxDelay,
            MaxWaitingBytes = settings.Size(MaxWaitingBytesSetting, defaults.MaxWaitingBytes, 1 << 20, 1L << 40),
        };
    }
}
