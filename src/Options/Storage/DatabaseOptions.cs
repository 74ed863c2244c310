using System.Net;

namespace ImagingIngestion.Options;

/// <summary>The PostgreSQL database that keeps the manifest of a cluster.</summary>
public sealed record DatabaseOptions
{
    public static Setting KindSetting { get; } = new("Database:Kind", Alias: "DB_KIND");

    public static Setting HostSetting { get; } = new("Database:Host", Alias: "DB_HOST");

    public static Setting PortSetting { get; } = new("Database:Port", Alias: "DB_PORT");

    public static Setting NameSetting { get; } = new("Database:Name", Alias: "DB_NAME");

    public static Setting UserSetting { get; } = new("Database:User", Alias: "DB_USER");

    public static Setting PasswordSetting { get; } = new("Database:Password", Alias: "DB_PASS");

    public static Setting MaxConnectionsSetting { get; } = new("Database:MaxConnections", Alias: "DATASOURCE_MAX_SIZE");

    public static Setting TlsSetting { get; } = new("Database:Tls", Alias: "DB_TLS");

    public static Setting RootCertificateSetting { get; } = new("Database:RootCertificate", Alias: "DB_TLS_ROOT_CERTIFICATE");

    /// <summary>The fewest connections that a process can work with: two for events, one for commits, one for searches.</summary>
    public const int LeastConnections = 4;

    private readonly DatabaseTls? _tls;

    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    public required string Name { get; init; }

    public required string User { get; init; }

    /// <summary>Null where the server asks for none.</summary>
    public string? Password { get; init; }

    /// <summary>The most connections that this process opens at the same time.</summary>
    public int MaxConnections { get; init; } = 20;

    /// <summary>
    /// How connections are encrypted. Unless it is set: the server is verified where a root certificate is given, and TLS is required where
    /// the host is another machine.
    /// </summary>
    public DatabaseTls Tls
    {
        get => _tls
            ?? (RootCertificate is not null ? DatabaseTls.VerifyFull : IsThisMachine(Host) ? DatabaseTls.Prefer : DatabaseTls.Require);
        init => _tls = value;
    }

    /// <summary>A PEM file with the authorities that are trusted to certify the server; null trusts those of the system.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>Null where the manifest is a SQLite file. Mistakes are with the reader.</summary>
    public static DatabaseOptions? Read(SettingsReader settings)
    {
        bool isPostgres = settings.Choice(KindSetting, fallback: false, ("sqlite", false), ("postgresql", true), ("postgres", true));
        if (!isPostgres)
        {
            return null;
        }

        DatabaseOptions options = new()
        {
            Host = Needed(settings, HostSetting, "must name the PostgreSQL server"),
            Port = settings.Integer(PortSetting, 5432, 1, 65535),
            Name = Needed(settings, NameSetting, "must name a database of the PostgreSQL server"),
            User = Needed(settings, UserSetting, "must name a user of the PostgreSQL server"),
            Password = settings.TextOrNull(PasswordSetting),
            MaxConnections = settings.Integer(MaxConnectionsSetting, 20, LeastConnections, 1000),
            RootCertificate = settings.TextOrNull(RootCertificateSetting),
        };
        options = options with { Tls = ReadTls(settings, options.Tls) };
        if (options.RootCertificate is { } file && !File.Exists(file))
        {
            settings.AddMistake(RootCertificateSetting, "must be a file with certificates in PEM form");
        }
        else if (options.RootCertificate is not null && options.Tls is not (DatabaseTls.VerifyCA or DatabaseTls.VerifyFull))
        {
            settings.AddMistake(TlsSetting, "must be verify-ca or verify-full where a root certificate is given");
        }

        return options;
    }

    /// <summary>Without the password, which belongs in no log.</summary>
    public override string ToString() => $"{Name} at {Host}:{Port}";

    private static DatabaseTls ReadTls(SettingsReader settings, DatabaseTls fallback) => settings.Choice(
        TlsSetting,
        fallback,
        ("prefer", DatabaseTls.Prefer),
        ("disable", DatabaseTls.Disable),
        ("require", DatabaseTls.Require),
        ("verify-ca", DatabaseTls.VerifyCA),
        ("verify-full", DatabaseTls.VerifyFull));

    /// <summary>Returns whether all hosts of a list are a loopback address, localhost or the folder of a Unix socket.</summary>
    private static bool IsThisMachine(string hosts) => hosts.Split(',', StringSplitOptions.TrimEntries).All(host =>
        host.StartsWith('/') || host.StartsWith('@') || IsLoopback(WithoutPort(host)));

    private static bool IsLoopback(string host)
        => host.Length == 0
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string WithoutPort(string host) => host.Count(character => character == ':') == 1 ? host.Split(':')[0] : host;

    private static string Needed(SettingsReader settings, Setting setting, string rule)
    {
        string value = settings.Text(setting, "");
        if (value.Length == 0)
        {
            settings.AddMistake(setting, rule);
        }

        return value;
    }
}
