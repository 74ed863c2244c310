using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Grains.Study;

/// <summary>How many calls and studies the grains hold, and when a study settles into a revision.</summary>
public sealed record GrainOptions
{
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(1);

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<GrainOptions> Section = new(
        "Grains",
        defaults =>
        [
            new("Grains:MailboxCapacity", Form.Whole(1, 1_000_000, defaults.MailboxCapacity), "calls that may wait for one study"),
            new("Grains:BatchSize", Form.Whole(1, 10_000, defaults.BatchSize), "calls of one study that are decided together"),
            new("Grains:GroupSize", Form.Whole(1, 10_000, defaults.GroupSize), "studies in one transaction"),
            new(
                "Grains:MaxAttempts",
                Form.Whole(1, 1000, defaults.MaxAttempts),
                "how often a batch is decided when another writer changes the study each time"),
            new(
                "Grains:CommitTimeout",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), defaults.CommitTimeout),
                "time for a read or a commit; after it the outcome counts as unknown"),
            new(
                "Grains:IdleTime",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), defaults.IdleTime),
                "time after which an unused study leaves memory"),
            new("Grains:MaxActivationBytes", Form.Size(1 << 20, 1L << 40, defaults.MaxActivationBytes), "memory for studies"),
            new(
                "Grains:MaxWaitingBytes",
                Form.Size(1 << 20, 1L << 40, defaults.MaxWaitingBytes),
                "memory for calls that wait for their commit"),
            new(
                "Grains:RevisioningDelay",
                Form.Duration(LeastDelay, TimeSpan.FromDays(1), defaults.RevisioningDelay),
                "quiet time before a study settles into a revision") { OlderName = "REVISIONING_DELAY" },
            new(
                "Grains:MaxRevisioningDelay",
                Form.Duration(LeastDelay, TimeSpan.FromDays(7), defaults.MaxRevisioningDelay),
                "longest time that a revision stays open, even if changes go on; at least the delay"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>Calls that may wait for one study.</summary>
    public int MailboxCapacity { get; set; } = 1024;

    /// <summary>Calls of one study that are decided together and committed as one change.</summary>
    public int BatchSize { get; set; } = 128;

    /// <summary>Studies that are committed in one transaction.</summary>
    public int GroupSize { get; set; } = 64;

    /// <summary>How often a batch is decided when another writer changes the study each time.</summary>
    public int MaxAttempts { get; set; } = 100;

    /// <summary>How long a read or a commit may take before its outcome counts as unknown.</summary>
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a study that nobody calls stays in memory.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes, by estimate, that studies in memory may take before the longest unused ones leave.</summary>
    public long MaxActivationBytes { get; set; } = 64L << 20;

    /// <summary>Bytes, by estimate, that calls waiting for their commit may hold in the whole process.</summary>
    public long MaxWaitingBytes { get; set; } = 64L << 20;

    /// <summary>How long a study must be left unchanged before it settles into a revision.</summary>
    public TimeSpan RevisioningDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its first change a revision settles at the latest, even if changes go on.</summary>
    /// <remarks>Never less than <see cref="RevisioningDelay"/>: existing resources set only that one.</remarks>
    public TimeSpan MaxRevisioningDelay
    {
        get => field < RevisioningDelay ? RevisioningDelay : field;
        set;
    } = TimeSpan.FromMinutes(10);
}
