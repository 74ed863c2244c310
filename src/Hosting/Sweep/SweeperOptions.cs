using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>When objects that no row of the manifest names are deleted.</summary>
public sealed record SweeperOptions
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>An upload of six hours may still be committed; the rest is for clocks that differ.</summary>
    private static readonly TimeSpan LeastUnnamedAge = TimeSpan.FromHours(12);

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<SweeperOptions> Section = new(
        "Sweeper",
        defaults =>
        [
            new(
                "Sweeper:Interval",
                Form.Duration(TimeSpan.FromMinutes(1), Longest, defaults.Interval),
                "how often objects that no row names are looked for"),
            new(
                "Sweeper:DroppedAge",
                Form.Duration(TimeSpan.FromMinutes(1), Longest, defaults.DroppedAge),
                "how long the object of a replaced or deleted instance is kept; at least as long as a backup takes"),
            new(
                "Sweeper:UnnamedAge",
                Form.Duration(LeastUnnamedAge, Longest, defaults.UnnamedAge),
                "how long an object that was never named is kept; at least 12 h"),
            new(
                "Sweeper:VerifyWithin",
                Form.Duration(TimeSpan.Zero, Longest, defaults.VerifyWithin),
                "time in which every object is read and verified once, a share after each round of the sweeper; 0 verifies none"),
            new(
                "Sweeper:VerifyRate",
                Form.Size(0, long.MaxValue, defaults.VerifyRate),
                "bytes a second that are read for it at most; 0 for no limit"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>How often the objects are listed and those that are due are deleted.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an object is kept after its instance was replaced or deleted.</summary>
    /// <remarks>A backup of the manifest that is no older than this finds all its objects.</remarks>
    public TimeSpan DroppedAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an object is kept that was written and never named.</summary>
    public TimeSpan UnnamedAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many objects that one instance has dropped are kept for <see cref="DroppedAge"/>.</summary>
    public int CrowdKept { get; set; } = 100;

    /// <summary>How long those beyond <see cref="CrowdKept"/> are kept; also how often the sweeper looks for them.</summary>
    public TimeSpan CrowdAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The time in which every object is read and verified once, a share in each interval; zero reads none.</summary>
    public TimeSpan VerifyWithin { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The most bytes a second that are read for it; 0 for no limit.</summary>
    public long VerifyRate { get; set; } = 20L << 20;
}
