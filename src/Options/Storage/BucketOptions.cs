namespace ImagingIngestion.Options;

/// <summary>The S3 bucket that keeps the objects of a storage space.</summary>
public sealed record BucketOptions
{
    public static Setting HostSetting { get; } = new("Bucket:Host", Alias: "BUCKET_HOST");

    public static Setting PortSetting { get; } = new("Bucket:Port", Alias: "BUCKET_PORT");

    public static Setting SchemeSetting { get; } = new("Bucket:Scheme");

    public static Setting NameSetting { get; } = new("Bucket:Name", Alias: "BUCKET_NAME");

    public static Setting RegionSetting { get; } = new("Bucket:Region", Alias: "BUCKET_REGION");

    public static Setting AccessKeySetting { get; } = new("Bucket:AccessKeyId", Alias: "AWS_ACCESS_KEY_ID");

    public static Setting SecretKeySetting { get; } = new("Bucket:SecretAccessKey", Alias: "AWS_SECRET_ACCESS_KEY");

    public static Setting CaFileSetting { get; } = new("Bucket:CaFile");

    public static Setting SkipVerifySetting { get; } = new("Bucket:InsecureSkipVerify");

    public static Setting UploadMemorySetting { get; } = new("Bucket:UploadMemory");

    public static Setting RequestTimeoutSetting { get; } = new("Bucket:RequestTimeout");

    public static Setting ConnectTimeoutSetting { get; } = new("Bucket:ConnectTimeout");

    public static Setting RetriesSetting { get; } = new("Bucket:Retries");

    private const int PlainPort = 80;
    private const int MaxNameLength = 63;

    /// <summary>Where the S3 server is: http or https, without a path.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The bucket.</summary>
    public required string Name { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Null for the default chain of AWS: profile, container or machine role.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Belongs to <see cref="AccessKeyId"/>.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>Certificates (PEM, or PKCS12 without password) to trust for the server instead of those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Takes any certificate of the server.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>Bytes that all uploads together hold in memory; one that finds no room waits.</summary>
    public long UploadMemory { get; init; } = 160L << 20;

    /// <summary>
    /// How long one request to the server may take, a part of an upload included, and how long it may send nothing of an object that is
    /// read.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request is tried again after a fault that may pass.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Without the key, which belongs in no log.</summary>
    public override string ToString() => $"{Name} at {Endpoint}";

    /// <summary>Reads the options; null where no bucket is set. Mistakes are with the reader.</summary>
    public static BucketOptions? Read(SettingsReader settings)
    {
        if (settings.TextOrNull(HostSetting) is not { } host)
        {
            return null;
        }

        BucketOptions defaults = new() { Endpoint = new Uri("https://localhost"), Name = "bucket" };
        string? accessKey = settings.TextOrNull(AccessKeySetting);
        string? secretKey = settings.TextOrNull(SecretKeySetting);
        if (accessKey is null != secretKey is null)
        {
            settings.AddMistake(
                accessKey is null ? AccessKeySetting : SecretKeySetting, "must be set, because the other half of the key is");
        }

        string? caFile = settings.TextOrNull(CaFileSetting);
        if (caFile is not null && !File.Exists(caFile))
        {
            settings.AddMistake(CaFileSetting, "must be a file that exists and can be read");
        }

        return new BucketOptions
        {
            Endpoint = ReadEndpoint(settings, host) ?? defaults.Endpoint,
            Name = ReadName(settings) ?? defaults.Name,
            Region = settings.Text(RegionSetting, defaults.Region),
            AccessKeyId = accessKey,
            SecretAccessKey = secretKey,
            CaFile = caFile,
            InsecureSkipVerify = settings.Choice(SkipVerifySetting, false, ("true", true), ("false", false)),
            UploadMemory = settings.Size(UploadMemorySetting, defaults.UploadMemory, 96L << 20, 1L << 40),
            RequestTimeout = settings.Duration(
                RequestTimeoutSetting, defaults.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            ConnectTimeout = settings.Duration(
                ConnectTimeoutSetting, defaults.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            Retries = settings.Integer(RetriesSetting, defaults.Retries, 0, 20),
        };
    }

    /// <summary>Existing ConfigMaps give host and port apart and no scheme: port 80 is plain http, every other https.</summary>
    private static Uri? ReadEndpoint(SettingsReader settings, string host)
    {
        int port = settings.Integer(PortSetting, 0, 0, 65535);
        string scheme = settings.Choice(
            SchemeSetting,
            port == PlainPort ? Uri.UriSchemeHttp : Uri.UriSchemeHttps,
            (Uri.UriSchemeHttp, Uri.UriSchemeHttp),
            (Uri.UriSchemeHttps, Uri.UriSchemeHttps));
        string text = host.Contains("://", StringComparison.Ordinal) ? host : $"{scheme}://{host}";
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0)
        {
            return port == 0 ? uri : new UriBuilder(uri) { Port = port }.Uri;
        }

        settings.AddMistake(
            HostSetting,
            "must be the name or address of an S3 server, such as s3.eu-central-1.amazonaws.com or http://127.0.0.1:9000, without a path");
        return null;
    }

    private static string? ReadName(SettingsReader settings)
    {
        string? name = settings.TextOrNull(NameSetting);
        if (name is { Length: >= 3 and <= MaxNameLength }
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'))
        {
            return name;
        }

        settings.AddMistake(NameSetting, $"must name the bucket: 3 to {MaxNameLength} ASCII letters, digits, dots, dashes or underscores");
        return null;
    }
}
