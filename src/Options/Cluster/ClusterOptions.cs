using System.Text;

namespace ImagingIngestion.Options;

/// <summary>How gateways and silos of a cluster find and trust each other.</summary>
public sealed record ClusterOptions
{
    /// <summary>Shorter keys could be guessed from one recorded call.</summary>
    public const int MinKeyBytes = 32;

    public static Setting KeySetting { get; } = new("Cluster:Key", Alias: "CLUSTER_KEY");

    public static Setting PreviousKeySetting { get; } = new("Cluster:PreviousKey", Alias: "CLUSTER_PREVIOUS_KEY");

    public static Setting ListenSetting { get; } = new("Cluster:Listen");

    public static Setting AdvertisedAddressSetting { get; } = new("Cluster:AdvertisedAddress");

    public static Setting HeartbeatSetting { get; } = new("Cluster:Heartbeat");

    public static Setting DeadAfterSetting { get; } = new("Cluster:DeadAfter");

    /// <summary>The secret that all gateways and silos share; null where it is not set, and then nothing of a cluster starts.</summary>
    public string? Key { get; init; }

    /// <summary>The secret before <see cref="Key"/>, taken from others while it is being replaced everywhere; null for none.</summary>
    public string? PreviousKey { get; init; }

    /// <summary>Where a silo takes grain calls; port 0 takes a free one.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:8090";

    /// <summary>
    /// The address that others are told, an http URL without path; null derives it from <see cref="Listen"/>, with this host's name where
    /// that is any address.
    /// </summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary>How often a silo says that it is alive, and how often the others look.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a silo may be silent before nobody calls it any more.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How calls are made.</summary>
    public ClusterCallOptions Calls { get; init; } = new();

    /// <summary>
    /// Reads the options; mistakes are with the reader. A missing key is for <see cref="RequireKey"/> to note, in the roles that need one.
    /// </summary>
    public static ClusterOptions Read(SettingsReader settings)
    {
        ClusterOptions defaults = new();
        ClusterOptions options = new()
        {
            Key = ReadKey(settings, KeySetting),
            PreviousKey = ReadKey(settings, PreviousKeySetting),
            Listen = ReadAddress(settings, ListenSetting, "http://0.0.0.0:8090") ?? defaults.Listen,
            AdvertisedAddress = ReadAddress(settings, AdvertisedAddressSetting, "http://silo-1.example.org:8090"),
            Heartbeat = settings.Duration(HeartbeatSetting, defaults.Heartbeat, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            DeadAfter = settings.Duration(DeadAfterSetting, defaults.DeadAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            Calls = ClusterCallOptions.Read(settings),
        };
        if (options.DeadAfter < 2 * options.Heartbeat)
        {
            settings.AddMistake(DeadAfterSetting, $"must be at least twice {HeartbeatSetting.Key}");
        }

        return options;
    }

    /// <summary>Notes the mistake of a process that takes part in a cluster without a key.</summary>
    public void RequireKey(SettingsReader settings)
    {
        if (Key is null)
        {
            settings.AddMistake(KeySetting, $"must be a secret of at least {MinKeyBytes} characters, the same for every gateway and silo");
        }
    }

    /// <summary>Without the keys.</summary>
    public override string ToString() => $"{nameof(ClusterOptions)} {Listen}";

    private static string? ReadKey(SettingsReader settings, Setting setting)
    {
        string? key = settings.TextOrNull(setting);
        if (key is not null && Encoding.UTF8.GetByteCount(key) is < MinKeyBytes or > 1024)
        {
            settings.AddMistake(setting, $"must have from {MinKeyBytes} to 1024 characters");
        }

        return key;
    }

    private static string? ReadAddress(SettingsReader settings, Setting setting, string example)
    {
        string? address = settings.TextOrNull(setting)?.TrimEnd('/');
        if (address is null
            || (address.Length <= 256
                && Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
                && uri is { Scheme: "http", PathAndQuery: "/", Fragment: "", UserInfo: "" }))
        {
            return address;
        }

        settings.AddMistake(setting, $"must be an address such as {example}");
        return null;
    }
}
