using System.Net;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Storage.S3;

/// <summary>The S3 bucket that keeps the objects of a storage space.</summary>
public sealed record BucketOptions
{
    private const int PlainPort = 80;
    private const int MaxNameLength = 63;

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<BucketOptions> Section = new(
        "Bucket",
        defaults =>
        [
            new("Bucket:Host", Form.Text(), "the S3 server, with or without scheme; the all-in-one takes it too")
            {
                OlderName = "BUCKET_HOST", Default = "none: objects are in a folder",
            },
            new("Bucket:Port", Form.Whole(0, IPEndPoint.MaxPort, 0), "its port")
            {
                OlderName = "BUCKET_PORT", Default = "that of the scheme",
            },
            new(
                "Bucket:Scheme",
                Form.Choice(null, (Uri.UriSchemeHttp, Uri.UriSchemeHttp), (Uri.UriSchemeHttps, Uri.UriSchemeHttps)),
                "`http` or `https`, for a host without a scheme") { Default = "`https`, and `http` for port 80" },
            new("Bucket:Name", Form.Text(), "the bucket") { OlderName = "BUCKET_NAME" },
            new("Bucket:Region", Form.Text(defaults.Region), "the region that requests are signed for") { OlderName = "BUCKET_REGION" },
            new("Bucket:AccessKeyId", Form.Text(), "the access key")
            {
                OlderName = "AWS_ACCESS_KEY_ID",
                Default = "the default chain of AWS"
            },
            new("Bucket:SecretAccessKey", Form.Text(), "its secret") { OlderName = "AWS_SECRET_ACCESS_KEY" },
            new(
                "Bucket:CaFile",
                Form.Text(),
                "file with the authorities that may certify the server, PEM, or PKCS12 without password")
                {
                    Default = "those of the system"
                },
            new("Bucket:InsecureSkipVerify", Form.Flag(), "takes any certificate of the server"),
            new(
                "Bucket:UploadMemory",
                Form.Size(96L << 20, 1L << 40, defaults.UploadMemory),
                "bytes that all uploads together hold in memory; an upload that finds no room waits"),
            new(
                "Bucket:RequestTimeout",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), defaults.RequestTimeout),
                "one request to the server, a part of an upload included; and the silence of the server while an object is read"),
            new(
                "Bucket:ConnectTimeout",
                Form.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), defaults.ConnectTimeout),
                "for a connection to come about"),
            new("Bucket:Retries", Form.Whole(0, 20, defaults.Retries), "how often a request is tried again after a fault that may pass"),
        ],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Check(mistakes));

    /// <summary>The name or address of the S3 server, with its scheme or without; null if objects are in a folder.</summary>
    public string? Host { get; set; }

    /// <summary>The port of the server; 0 takes that of the scheme.</summary>
    public int Port { get; set; }

    /// <summary>Whether a host without a scheme is called over http or https; null decides by the port.</summary>
    public string? Scheme { get; set; }

    /// <summary>The bucket.</summary>
    public string Name { get; set; } = "";

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Null for the default chain of AWS: profile, container or machine role.</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>Belongs to <see cref="AccessKeyId"/>.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>Certificates (PEM, or PKCS12 without password) to trust for the server instead of those of the system.</summary>
    public string? CaFile { get; set; }

    /// <summary>Takes any certificate of the server.</summary>
    public bool InsecureSkipVerify { get; set; }

    /// <summary>Bytes that all uploads together hold in memory; an upload that finds no room waits.</summary>
    public long UploadMemory { get; set; } = 160L << 20;

    /// <summary>How long one request to the server may take, a part of an upload included, and how long a read may bring nothing.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request is tried again after a fault that may pass.</summary>
    public int Retries { get; set; } = 4;

    /// <summary>Objects are in a bucket.</summary>
    public bool IsSet => Host is not null;

    /// <summary>Where the S3 server is: http or https, without a path.</summary>
    /// <remarks>Existing ConfigMaps give host and port apart and no scheme: port 80 is plain http, every other https.</remarks>
    public Uri Endpoint
    {
        get
        {
            Uri server = TryEndpoint(Host ?? "localhost", Scheme ?? (Port == PlainPort ? Uri.UriSchemeHttp : Uri.UriSchemeHttps))!;
            return Port == 0 ? server : new UriBuilder(server) { Port = Port }.Uri;
        }
    }

    /// <summary>Returns the bucket without the key, which belongs in no log.</summary>
    public override string ToString() => $"{Name} at {Endpoint}";

    private void Check(Mistakes mistakes)
    {
        if (!IsSet)
        {
            return;
        }

        if (TryEndpoint(Host!, Uri.UriSchemeHttps) is null)
        {
            mistakes.Add(
                Section[nameof(Host)],
                "must be the name or address of an S3 server, such as s3.eu-central-1.amazonaws.com or http://127.0.0.1:9000, without a "
                    + "path");
        }

        if (!IsName(Name))
        {
            mistakes.Add(
                Section[nameof(Name)], $"must name the bucket: 3 to {MaxNameLength} ASCII letters, digits, dots, dashes or underscores");
        }

        if (AccessKeyId is null != SecretAccessKey is null)
        {
            mistakes.Add(
                Section[AccessKeyId is null ? nameof(AccessKeyId) : nameof(SecretAccessKey)],
                "must be set, because the other half of the key is");
        }

        if (CaFile is not null && !SettingPath.IsFile(CaFile))
        {
            mistakes.Add(Section[nameof(CaFile)], "must be a file that exists and can be read");
        }
    }

    private static Uri? TryEndpoint(string host, string scheme)
    {
        string text = host.Contains("://", StringComparison.Ordinal) ? host : $"{scheme}://{host}";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && uri is { Scheme: "http" or "https", Host.Length: > 0, PathAndQuery: "/", UserInfo: "" }
            ? uri
            : null;
    }

    private static bool IsName(string name)
        => name is { Length: >= 3 and <= MaxNameLength }
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
}
