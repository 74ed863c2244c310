using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Grains.Events;

/// <summary>What events say of this installation, how long they are kept, and how they are read.</summary>
public sealed record EventOptions
{
    private const int MaxTextLength = 255;
    private const int MaxSpaces = 1000;

    private static readonly string SpacesRule =
        $"must be at most {MaxSpaces} storage spaces, each once, separated by semicolons, with their WADO-RS roots inside and, if it is "
            + "another "
        + "one, outside: oncology=http://oncology-wado.imaging.svc/wado-rs,https://pacs.example.org/wado-rs";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<EventOptions> Section = new(
        "Events",
        defaults =>
        [
            new(
                "Events:Source",
                Form.Text(
                    "must be a URI reference of at most 255 visible ASCII characters (CloudEvents 1.0, source)",
                    text => IsVisibleAscii(text) && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) ? text : null,
                    defaults.Source),
                "`source` of every event") { OlderName = "EVENT_SOURCE" },
            new(
                "Events:Retention",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650), null),
                "age up to which events are kept") { Default = "none: all are kept" },
            new(
                "Events:BucketName",
                Form.Text("must have at most 255 visible ASCII characters", text => IsVisibleAscii(text) ? text : null),
                "the bucket that events name") { OlderName = "BUCKET_NAME", Default = "name of the objects folder" },
            new(
                "Events:WadoInternalEndpoint",
                Form.Text(
                    "must be an absolute http or https URL without query, such as http://core-wado.imaging.svc/wado-rs",
                    text => text.TrimEnd('/') is var root && IsEndpoint(root) ? root : null),
                "WADO-RS root inside the cluster, in events; the external one is `Server:BaseUrl`")
            {
                OlderName = "WADO_INTERNAL_ENDPOINT", Default = "own address + `/wado-rs`",
            },
            new(
                "Events:WadoEndpoints",
                Form.Items(";", SpacesRule, ReadSpace, MaxSpaces),
                "where the other storage spaces of the database are retrieved from, inside and outside: "
                    + "`oncology=http://oncology-wado.imaging.svc/wado-rs,https://pacs.example.org/wado-rs; "
                    + "research=http://research-wado.imaging.svc/wado-rs`")
            {
                OlderName = "WADO_ENDPOINTS", Default = "none", Path = "Events:OtherSpaces",
            },
            new("Events:MaxFeedWaiters", Form.Whole(0, 100_000, defaults.MaxFeedWaiters), "readers of the change feed that wait at once"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>The <c>ce-source</c> of all events.</summary>
    public string Source { get; set; } = "ImagingIngestion";

    /// <summary>The age up to which events are kept; null keeps all.</summary>
    public TimeSpan? Retention { get; set; }

    /// <summary>The bucket that events name; null names the folder of the objects.</summary>
    public string? BucketName { get; set; }

    /// <summary>
    /// The WADO-RS root inside the cluster, without a slash at its end; null takes the address that the server listens on.
    /// </summary>
    public string? WadoInternalEndpoint { get; set; }

    /// <summary>Where the other storage spaces of the installation are reached.</summary>
    public IReadOnlyList<SpaceEndpointOptions> OtherSpaces { get; set; } = [];

    /// <summary>Readers of the change feed that may wait for events at the same time.</summary>
    public int MaxFeedWaiters { get; set; } = 256;

    private static bool IsVisibleAscii(string text)
        => text.Length <= MaxTextLength && text.All(character => character is > ' ' and < '\x7F');

    private static bool IsEndpoint(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };

    private static IReadOnlyList<(string Field, string Value)>? ReadSpace(string text)
    {
        string[] parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        string[] roots = parts.Length < 2 ? [] : [.. parts[1].Split(',', StringSplitOptions.TrimEntries).Select(root => root.TrimEnd('/'))];
        return roots.Length is 1 or 2 && ProviderName.IsValid(parts[0]) && roots.All(IsEndpoint)
            ?
            [
                (nameof(SpaceEndpointOptions.Provider), parts[0]),
                (nameof(SpaceEndpointOptions.Internal), roots[0]),
                (nameof(SpaceEndpointOptions.External), roots[^1]),
            ]
            : null;
    }
}

/// <summary>Where another storage space than the one of this process is reached.</summary>
/// <param name="Provider">The name of the storage space.</param>
/// <param name="Internal">Its WADO-RS root inside the cluster, without a slash at its end.</param>
/// <param name="External">Its WADO-RS root as clients outside reach it, without a slash at its end.</param>
public sealed record SpaceEndpointOptions(string Provider, string Internal, string External);
