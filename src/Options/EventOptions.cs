namespace ImagingIngestion.Options;

/// <summary>What events say of this installation, how long they are kept, and how they are read.</summary>
public sealed record EventOptions
{
    public static Setting SourceSetting { get; } = new("Events:Source", Alias: "EVENT_SOURCE");
    public static Setting RetentionSetting { get; } = new("Events:Retention");
    public static Setting BucketNameSetting { get; } = new("Events:BucketName", Alias: "BUCKET_NAME");
    public static Setting WadoInternalEndpointSetting { get; } = new("Events:WadoInternalEndpoint", Alias: "WADO_INTERNAL_ENDPOINT");
    public static Setting MaxFeedWaitersSetting { get; } = new("Events:MaxFeedWaiters");

    private const int MaxTextLength = 255;

    /// <summary>The <c>ce-source</c> of all events; the default is what the system before this one said.</summary>
    public string Source { get; init; } = "ImagingIngestion";

    /// <summary>The age up to which events are kept; null keeps all.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The bucket that events name; null names the folder of the objects.</summary>
    public string? BucketName { get; init; }

    /// <summary>
    /// The WADO-RS root inside the cluster, without a slash at its end; null takes the address that the server listens on.
    /// </summary>
    public string? WadoInternalEndpoint { get; init; }

    /// <summary>Where the other storage spaces of the installation are reached.</summary>
    public IReadOnlyList<SpaceEndpointOptions> OtherSpaces { get; init; } = [];

    /// <summary>Readers of the change feed that may wait for events at the same time.</summary>
    public int MaxFeedWaiters { get; init; } = 256;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static EventOptions Read(SettingsReader settings)
    {
        EventOptions defaults = new();
        EventOptions options = new()
        {
            Source = settings.Text(SourceSetting, defaults.Source),
            Retention = settings.TextOrNull(RetentionSetting) is null
                ? null
                : settings.Duration(RetentionSetting, TimeSpan.FromDays(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)),
            BucketName = settings.TextOrNull(BucketNameSetting),
            WadoInternalEndpoint = settings.TextOrNull(WadoInternalEndpointSetting)?.TrimEnd('/'),
            OtherSpaces = SpaceEndpointOptions.Read(settings),
            MaxFeedWaiters = settings.Integer(MaxFeedWaitersSetting, defaults.MaxFeedWaiters, 0, 100_000),
        };
        if (!IsVisibleAscii(options.Source) || !Uri.TryCreate(options.Source, UriKind.RelativeOrAbsolute, out _))
        {
            settings.AddMistake(SourceSetting, "must be a URI reference of at most 255 visible ASCII characters (CloudEvents 1.0, source)");
        }

        if (options.BucketName is { } bucket && !IsVisibleAscii(bucket))
        {
            settings.AddMistake(BucketNameSetting, "must have at most 255 visible ASCII characters");
        }

        if (options.WadoInternalEndpoint is { } endpoint && !IsEndpoint(endpoint))
        {
            settings.AddMistake(
                WadoInternalEndpointSetting,
                "must be an absolute http or https URL without query, such as http://core-wado.imaging.svc/wado-rs");
        }

        return options;
    }

    private static bool IsVisibleAscii(string text)
        => text.Length <= MaxTextLength && text.All(character => character is > ' ' and < '\x7F');

    internal static bool IsEndpoint(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };
}
