using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Grains.Revisions;

/// <summary>How due revisions are found and closed.</summary>
public sealed record RevisionOptions
{
    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<RevisionOptions> Section = new(
        "Revisions",
        defaults =>
        [
            new(
                "Revisions:PollInterval",
                Form.Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1), defaults.PollInterval),
                "longest time between two looks at the due times"),
            new(
                "Revisions:Lease",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), defaults.Lease),
                "time after which a revision whose process died is taken over at the latest"),
            new("Revisions:Concurrency", Form.Whole(1, 1000, defaults.Concurrency), "revisions that are closed at once"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>The longest time between two looks at the due times: other processes may have opened revisions meanwhile.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a claim holds; after it another process closes the revision of a process that died.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Revisions that are closed at the same time.</summary>
    public int Concurrency { get; set; } = 8;
}
