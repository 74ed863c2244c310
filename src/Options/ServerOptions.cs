namespace ImagingIngestion.Options;

/// <summary>Where the server listens and how it names itself.</summary>
public sealed record ServerOptions
{
    public static Setting UrlsSetting { get; } = new("Server:Urls", "--urls");

    public static Setting BaseUrlSetting { get; } = new("Server:BaseUrl", Alias: "WADO_EXTERNAL_ENDPOINT");

    public static Setting DrainTimeSetting { get; } = new("Server:DrainTime");

    private const string WadoPath = "/wado-rs";

    /// <summary>The addresses to listen on. Only this machine reaches the default.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>
    /// The URL that answers name instead of the one of the request, without a slash at its end; null takes what known proxies forward, or
    /// the request itself. Existing ConfigMaps give the WADO-RS root; its <c>/wado-rs</c> is taken off.
    /// </summary>
    public string? BaseUrl { get; init; }

    /// <summary>How long requests may take to finish after the server was told to stop.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static ServerOptions Read(SettingsReader settings)
    {
        ServerOptions defaults = new();
        string[]? urls =
            settings.TextOrNull(UrlsSetting)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (urls is not null && (urls.Length == 0 || !urls.All(IsListenUrl)))
        {
            settings.AddMistake(UrlsSetting, "must be one or more addresses such as http://127.0.0.1:8080 or http://0.0.0.0:8080, parted "
                + "by semicolons, with http and without a path");
        }

        string? baseUrl = settings.TextOrNull(BaseUrlSetting)?.TrimEnd('/');
        if (baseUrl is not null && !IsBaseUrl(baseUrl))
        {
            settings.AddMistake(BaseUrlSetting, "must be an absolute http or https URL without query, such as https://pacs.example.org");
        }

        if (baseUrl is not null && baseUrl.EndsWith(WadoPath, StringComparison.Ordinal))
        {
            baseUrl = baseUrl[..^WadoPath.Length];
        }

        return new ServerOptions
        {
            Urls = urls ?? defaults.Urls,
            BaseUrl = baseUrl,
            DrainTime = settings.Duration(DrainTimeSetting, defaults.DrainTime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        };
    }

    private static bool IsListenUrl(string url)
    {
        const string scheme = "http://";
        string rest = url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? url[scheme.Length..].TrimEnd('/') : "";
        string host = rest.StartsWith('*') || rest.StartsWith('+') ? "localhost" + rest[1..] : rest;
        return host.Length > 0
            && Uri.TryCreate(scheme + host, UriKind.Absolute, out Uri? uri)
            && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "" };
    }

    private static bool IsBaseUrl(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };
}
