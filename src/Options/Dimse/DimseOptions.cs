namespace ImagingIngestion.Options;

/// <summary>The DIMSE service of this process.</summary>
public sealed record DimseOptions
{
    /// <summary>What <see cref="Port"/> is where DIMSE is turned off.</summary>
    public const int Off = -1;

    /// <summary>The word of <see cref="StorageSopClasses"/> for every class that is not known to be something else.</summary>
    public const string AllSopClasses = "all";

    /// <summary>The word of <see cref="StorageSopClasses"/> for those that the standard names.</summary>
    public const string StandardSopClasses = "standard";

    public static Setting AeTitleSetting { get; } = new("Dimse:AeTitle", Alias: "DIMSE_AE");

    public static Setting AddressSetting { get; } = new("Dimse:Address");

    public static Setting PortSetting { get; } = new("Dimse:Port", "--dimse-port", "DIMSE_PORT");

    public static Setting CalledAeTitlesSetting { get; } = new("Dimse:CalledAeTitles");

    public static Setting CallingAeTitlesSetting { get; } = new("Dimse:CallingAeTitles");

    public static Setting PeersSetting { get; } = new("Dimse:Peers");

    public static Setting StorageSopClassesSetting { get; } = new("Dimse:StorageSopClasses");

    /// <summary>Our own title: what we answer to, and call others with.</summary>
    public string AeTitle { get; init; } = "DICOM-INGEST";

    /// <summary>An IPv4 or IPv6 address, or <c>*</c> for all. Only this machine reaches the default.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free one; -1 turns DIMSE off.</summary>
    public int Port { get; init; } = 11112;

    /// <summary>Called titles that are taken besides our own; <c>*</c> takes any.</summary>
    public IReadOnlyList<string> CalledAeTitles { get; init; } = [];

    /// <summary>Calling titles that are taken; any when empty.</summary>
    public IReadOnlyList<string> CallingAeTitles { get; init; } = [];

    /// <summary>Destinations of C-MOVE and of storage commitment results.</summary>
    public IReadOnlyList<DimsePeerOptions> Peers { get; init; } = [];

    /// <summary>
    /// SOP classes that may be stored: <c>all</c>, <c>standard</c> for those that the standard names, or UIDs; together they add up.
    /// </summary>
    public IReadOnlyList<string> StorageSopClasses { get; init; } = [AllSopClasses];

    /// <summary>How much is taken at once, and how long is waited.</summary>
    public DimseLimitOptions Limits { get; init; } = new();

    /// <summary>Null listens without TLS, and has neither certificate nor authorities for peers with TLS.</summary>
    public DimseTlsOptions? Tls { get; init; }

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static DimseOptions Read(SettingsReader settings)
    {
        DimseOptions defaults = new();
        return new DimseOptions
        {
            AeTitle = DimseReader.AeTitle(settings, AeTitleSetting, defaults.AeTitle),
            Address = DimseReader.Address(settings, AddressSetting, defaults.Address),
            Port = DimseReader.Port(settings, PortSetting, defaults.Port),
            CalledAeTitles = DimseReader.AeTitles(settings, CalledAeTitlesSetting, allowsAny: true),
            CallingAeTitles = DimseReader.AeTitles(settings, CallingAeTitlesSetting, allowsAny: false),
            Peers = DimseReader.Peers(settings, PeersSetting),
            StorageSopClasses = DimseReader.SopClasses(settings, StorageSopClassesSetting, defaults.StorageSopClasses),
            Limits = DimseLimitOptions.Read(settings),
            Tls = DimseTlsOptions.Read(settings),
        };
    }
}
