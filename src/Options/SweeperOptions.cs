namespace ImagingIngestion.Options;

/// <summary>When objects that no row of the manifest names are deleted (design D4).</summary>
public sealed record SweeperOptions
{
    public static Setting IntervalSetting { get; } = new("Sweeper:Interval");
    public static Setting DroppedAgeSetting { get; } = new("Sweeper:DroppedAge");
    public static Setting UnnamedAgeSetting { get; } = new("Sweeper:UnnamedAge");

    public static Setting VerifyWithinSetting { get; } = new("Sweeper:VerifyWithin");
    public static Setting VerifyRateSetting { get; } = new("Sweeper:VerifyRate");

    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>An upload of six hours may still be committed; the rest is for clocks that differ.</summary>
    private static readonly TimeSpan LeastUnnamedAge = TimeSpan.FromHours(12);

    /// <summary>How often the objects are listed and those that are due are deleted.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long an object is kept after its instance was replaced or deleted; also how old a backup of the manifest may be for all its
    /// objects to be there.
    /// </summary>
    public TimeSpan DroppedAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an object is kept that was written and never named.</summary>
    public TimeSpan UnnamedAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many objects that one instance has dropped are kept for <see cref="DroppedAge"/>.</summary>
    public int CrowdKept { get; init; } = 100;

    /// <summary>How long those beyond <see cref="CrowdKept"/> are kept; also how often they are looked for.</summary>
    public TimeSpan CrowdAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>In how much time every object is read and verified once, a share in each interval; zero reads none.</summary>
    public TimeSpan VerifyWithin { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most bytes a second that are read for it; 0 for no limit.</summary>
    public long VerifyRate { get; init; } = 20L << 20;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static SweeperOptions Read(SettingsReader settings)
    {
        SweeperOptions defaults = new();
        return new SweeperOptions
        {
            Interval = settings.Duration(IntervalSetting, defaults.Interval, TimeSpan.FromMinutes(1), Longest),
            DroppedAge = settings.Duration(DroppedAgeSetting, defaults.DroppedAge, TimeSpan.FromMinutes(1), Longest),
            UnnamedAge = settings.Duration(UnnamedAgeSetting, defaults.UnnamedAge, LeastUnnamedAge, Longest),
            VerifyWithin = settings.Duration(VerifyWithinSetting, defaults.VerifyWithin, TimeSpan.Zero, Longest),
            VerifyRate = settings.Size(VerifyRateSetting, defaults.VerifyRate, 0, long.MaxValue),
        };
    }
}
