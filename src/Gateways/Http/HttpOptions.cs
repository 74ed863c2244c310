using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Which pages, which Host names and which proxies the HTTP server knows. By default no page of another origin may do anything.
/// </summary>
public sealed record HttpOptions
{
    /// <summary>Stands for every origin that reads, and for every Host.</summary>
    public const string Any = "*";

    private const int MaxHostLength = 253;

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<HttpOptions> Section = new(
        "Http",
        _ =>
        [
            new(
                "Http:AllowedOrigins",
                Form.List(
                    ";",
                    "must be origins such as https://viewer.example.org or http://127.0.0.1:3000, without a path, separated by "
                        + "semicolons; or * where every page may read",
                    text => text == Any ? Any : Origin(text)),
                "origins whose pages may read, such as `https://viewer.example.org`, separated by semicolons; `*` "
                    + "lets every page read, and is warned of") { Default = "none" },
            new(
                "Http:StoringOrigins",
                Form.List(
                    ";",
                    "must be origins such as https://viewer.example.org, without a path, separated by semicolons; * is not taken",
                    Origin),
                "origins whose pages may read and store with STOW-RS. Nobody from another origin may delete or change bindings")
            {
                Default = "none",
            },
            new(
                "Http:AllowedHosts",
                Form.List(
                    ";",
                    "must be host names or addresses without scheme and port, such as pacs.example.org or *.example.org, separated by "
                        + "semicolons; or * for any",
                    Host),
                "Host names that requests may have besides `localhost`, 127.0.0.1, `[::1]`, the addresses that are listened on and the "
                    + "hosts of `Server:BaseUrl` and `Events:WadoInternalEndpoint`; `*.example.org` for all below a name, `*` for any")
            {
                Default = "none",
            },
            new(
                "Http:KnownProxies",
                Form.List(
                    ";",
                    "must be addresses or networks of reverse proxies, such as 10.0.0.7 or 10.244.0.0/16, separated by semicolons",
                    text => IPAddress.TryParse(text, out IPAddress? _) || IPNetwork.TryParse(text, out IPNetwork _) ? text : null),
                "addresses and networks of reverse proxies whose `X-Forwarded-*` and `Forwarded` headers are believed, such as "
                    + "`10.0.0.7;10.244.0.0/16`") { Default = "none" },
        ],
        (section, options) => section.Bind(options));

    /// <summary>
    /// Origins whose pages may read, as browsers write them: <c>https://viewer.example.org</c>; <see cref="Any"/> for all.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    /// <summary>Origins whose pages may read and store with STOW-RS.</summary>
    public IReadOnlyList<string> StoringOrigins { get; set; } = [];

    /// <summary>Host names without port that requests may name besides those that the process knows; <see cref="Any"/> for all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Addresses and networks whose forwarding headers are believed.</summary>
    public IReadOnlyList<string> KnownProxies { get; set; } = [];

    /// <summary>Returns an address as it stands in a URL and in a Host header.</summary>
    public static string UrlHost(IPAddress address)
        => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    /// <summary>Returns an http or https URL without path as the Origin header would have it, or null if it is none.</summary>
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

    private static string BracketedHost(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
}
