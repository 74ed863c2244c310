using System.Net;

namespace ImagingIngestion.Options;

/// <summary>
/// Which pages, which Host names and which proxies the HTTP server knows. By default no page of another origin may do anything.
/// </summary>
public sealed record HttpOptions
{
    public static Setting AllowedOriginsSetting { get; } = new("Http:AllowedOrigins");

    public static Setting StoringOriginsSetting { get; } = new("Http:StoringOrigins");

    public static Setting AllowedHostsSetting { get; } = new("Http:AllowedHosts");

    public static Setting KnownProxiesSetting { get; } = new("Http:KnownProxies");

    /// <summary>Stands for every origin that reads, and for every Host.</summary>
    public const string Any = "*";

    private const int MaxHostLength = 253;

    /// <summary>
    /// Origins whose pages may read, as browsers write them: <c>https://viewer.example.org</c>; <see cref="Any"/> for all.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Origins whose pages may read and store with STOW-RS.</summary>
    public IReadOnlyList<string> StoringOrigins { get; init; } = [];

    /// <summary>Host names without port that requests may name besides those that the process knows; <see cref="Any"/> for all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Addresses and networks whose forwarding headers are believed.</summary>
    public IReadOnlyList<string> KnownProxies { get; init; } = [];

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static HttpOptions Read(SettingsReader settings) => new()
    {
        AllowedOrigins = List(
            settings, AllowedOriginsSetting, text => text == Any ? Any : Origin(text), "must be origins such as https://viewer.example.org "
                + "or http://127.0.0.1:3000, without a path, separated by semicolons; or * where every page may read"),
        StoringOrigins = List(
            settings,
            StoringOriginsSetting,
            Origin,
            "must be origins such as https://viewer.example.org, without a path, separated by semicolons; * is not taken"),
        AllowedHosts = List(settings, AllowedHostsSetting, Host, "must be host names or addresses without scheme and port, such as "
            + "pacs.example.org or *.example.org, separated by semicolons; or * for any"),
        KnownProxies = List(
            settings,
            KnownProxiesSetting,
            Proxy,
            "must be addresses or networks of reverse proxies, such as 10.0.0.7 or 10.244.0.0/16, separated by semicolons"),
    };

    /// <summary>Returns an http or https URL without path as the Origin header would have it, null where it is none.</summary>
    private static string? Origin(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            && !uri.Host.Contains('*', StringComparison.Ordinal)
            && !text.EndsWith('#')
            ? $"{uri.Scheme}://{BracketedHost(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : null;

    private static string? Host(string text)
    {
        if (text == Any)
        {
            return Any;
        }

        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            return UrlHost(address);
        }

        string name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return name.Length <= MaxHostLength && Uri.CheckHostName(name) == UriHostNameType.Dns ? text.ToLowerInvariant() : null;
    }

    private static string? Proxy(string text) => IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _) ? text : null;

    /// <summary>An address as it stands in a URL and in a Host header.</summary>
    public static string UrlHost(IPAddress address)
        => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static string BracketedHost(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;

    private static IReadOnlyList<string> List(SettingsReader settings, Setting setting, Func<string, string?> normalize, string rule)
    {
        string?[] values = [.. settings.List(setting, ';').Select(normalize)];
        if (values.Contains(null))
        {
            settings.AddMistake(setting, rule);
        }

        return [.. values.OfType<string>().Distinct()];
    }
}
