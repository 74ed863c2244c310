using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Where the server listens and how it names itself.</summary>
public sealed record ServerOptions
{
    private const string WadoPath = "/wado-rs";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<ServerOptions> Section = new(
        "Server",
        defaults =>
        [
            new(
                "Server:Urls",
                Form.List(
                    ";",
                    "must be one or more addresses such as http://127.0.0.1:8080 or http://0.0.0.0:8080, separated by semicolons, with "
                        + "http and without a path",
                    text => IsListenUrl(text) ? text : null,
                    fallback: [DefaultUrl]),
                "addresses to listen on, separated by semicolons; plain HTTP/1.1, put TLS in front") { CommandLine = "--urls" },
            new(
                "Server:BaseUrl",
                Form.Text("must be an absolute http or https URL without query, such as https://pacs.example.org", ReadBaseUrl),
                "URL that answers name; the `/wado-rs` at the end of an older value is taken off")
            {
                OlderName = "WADO_EXTERNAL_ENDPOINT",
                Default =
                    "from the request, as known proxies forward it; in what bindings deliver, the internal endpoint if the process has no "
                    + "WADO-RS of its own",
            },
            new(
                "Server:DrainTime",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), defaults.DrainTime),
                "time that requests have to finish when the process stops"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>The addresses to listen on. Only this machine reaches the default.</summary>
    public IReadOnlyList<string> Urls { get; set; } = [];

    /// <summary>The URL that answers name instead of the one of the request, without a slash at its end.</summary>
    /// <remarks>Null takes what known proxies forward, or the request itself.</remarks>
    public string? BaseUrl { get; set; }

    /// <summary>How long requests may take to finish after the server was told to stop.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(30);

    private static bool IsListenUrl(string url)
    {
        const string scheme = "http://";
        string rest = url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? url[scheme.Length..].TrimEnd('/') : "";
        string host = rest.StartsWith('*') || rest.StartsWith('+') ? "localhost" + rest[1..] : rest;
        return host.Length > 0
            && Uri.TryCreate(scheme + host, UriKind.Absolute, out Uri? uri)
            && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "" };
    }

    private static string? ReadBaseUrl(string text)
    {
        string url = text.TrimEnd('/');
        bool isUrl = Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };
        return !isUrl ? null : url.EndsWith(WadoPath, StringComparison.Ordinal) ? url[..^WadoPath.Length] : url;
    }
}
