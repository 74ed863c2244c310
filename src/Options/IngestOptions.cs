using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Options;

/// <summary>How instances are taken in.</summary>
public sealed record IngestOptions
{
    public static Setting DuplicatePolicySetting { get; } = new("Ingest:DuplicatePolicy");

    public static Setting MaxConcurrentUploadsSetting { get; } = new("Ingest:MaxConcurrentUploads");

    public static Setting MaxStowSizeSetting { get; } = new("Ingest:MaxStowSize", Alias: "MAX_STOW_SIZE");

    public static Setting RequestDeadlineSetting { get; } = new("Ingest:RequestDeadline");

    public static Setting IdleTimeoutSetting { get; } = new("Ingest:IdleTimeout");

    public static Setting KeepPreambleSetting { get; } = new("Ingest:KeepPreamble");

    public static Setting MinRateSetting { get; } = new("Ingest:MinRate");

    public static Setting RateWindowSetting { get; } = new("Ingest:RateWindow");

    /// <summary>What happens to an instance whose identity is stored with other content.</summary>
    public DuplicatePolicy DuplicatePolicy { get; init; } = DuplicatePolicy.Replace;

    /// <summary>Store requests served at once; one more is answered 503 with Retry-After.</summary>
    public int MaxConcurrentUploads { get; init; } = 64;

    /// <summary>Bytes of one store request; 0 sets no limit.</summary>
    public long MaxStowSize { get; init; }

    /// <summary>How long one store request may take in all.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a sender may stay silent within a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Keeps the first 128 bytes of files, which may make them files of another kind, too (PS3.10 section 7.5); else they are stored as
    /// zeros.
    /// </summary>
    public bool KeepPreamble { get; init; }

    /// <summary>Bytes a second below which a sender loses its place while others wait for one.</summary>
    public long MinRate { get; init; } = 4 << 10;

    /// <summary>How long a sender is observed before it can lose its place to another one.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static IngestOptions Read(SettingsReader settings)
    {
        IngestOptions defaults = new();
        return new IngestOptions
        {
            DuplicatePolicy = settings.Choice(
                DuplicatePolicySetting,
                defaults.DuplicatePolicy,
                ("replace", DuplicatePolicy.Replace), ("keep-first", DuplicatePolicy.KeepFirst), ("reject", DuplicatePolicy.Reject)),
            MaxConcurrentUploads = settings.Integer(MaxConcurrentUploadsSetting, defaults.MaxConcurrentUploads, 1, 10_000),
            MaxStowSize = settings.Size(MaxStowSizeSetting, defaults.MaxStowSize, 0, 1L << 50),
            RequestDeadline = settings.Duration(
                RequestDeadlineSetting, defaults.RequestDeadline, TimeSpan.FromSeconds(1), TimeSpan.FromHours(5)),
            IdleTimeout = settings.Duration(IdleTimeoutSetting, defaults.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            KeepPreamble = settings.Choice(KeepPreambleSetting, defaults.KeepPreamble, ("false", false), ("true", true)),
            MinRate = settings.Size(MinRateSetting, defaults.MinRate, 1, 1L << 30),
            RateWindow = settings.Duration(
                RateWindowSetting, defaults.RateWindow, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
        };
    }
}
