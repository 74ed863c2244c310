using System.Net;
using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The PostgreSQL database that keeps the manifest of a cluster.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The fewest connections that a process can work with: two for events, one for commits, one for searches.</summary>
    public const int LeastConnections = 4;

    private DatabaseTls? _tls;

    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<DatabaseOptions> Section = new(
        "Database",
        defaults =>
        [
            new(
                "Database:Kind",
                Form.Choice(
                    "sqlite",
                    ("sqlite", nameof(DatabaseKind.Sqlite)),
                    ("postgresql", nameof(DatabaseKind.Postgresql)),
                    ("postgres", nameof(DatabaseKind.Postgresql))),
                "`postgresql` for the manifest of a cluster; the all-in-one takes it too") { OlderName = "DB_KIND" },
            new("Database:Host", Form.Text(), "the PostgreSQL server") { OlderName = "DB_HOST" },
            new("Database:Port", Form.Whole(1, IPEndPoint.MaxPort, defaults.Port), "its port") { OlderName = "DB_PORT" },
            new("Database:Name", Form.Text(), "the database") { OlderName = "DB_NAME" },
            new("Database:User", Form.Text(), "the user") { OlderName = "DB_USER" },
            new("Database:Password", Form.Text(), "the password of the user") { OlderName = "DB_PASS" },
            new(
                "Database:MaxConnections",
                Form.Whole(LeastConnections, 1000, defaults.MaxConnections),
                "connections of one process; processes × this must stay below `max_connections`") { OlderName = "DATASOURCE_MAX_SIZE" },
            new(
                "Database:Tls",
                Form.Choice(
                    null,
                    ("prefer", nameof(DatabaseTls.Prefer)),
                    ("disable", nameof(DatabaseTls.Disable)),
                    ("require", nameof(DatabaseTls.Require)),
                    ("verify-ca", nameof(DatabaseTls.VerifyCA)), ("verify-full", nameof(DatabaseTls.VerifyFull))),
                "`prefer`, `disable`, `require`, `verify-ca` or `verify-full`")
            {
                OlderName =
                    "DB_TLS", Default = "`verify-full` with a root certificate; else `require`, and `prefer` for a server on this machine",
            },
            new("Database:RootCertificate", Form.Text(), "PEM file with the authorities that may certify the server")
            {
                OlderName = "DB_TLS_ROOT_CERTIFICATE", Default = "those of the system",
            },
        ],
        (section, options) => section.Bind(options),
        (options, mistakes) => options.Check(mistakes));

    /// <summary>Which store keeps the manifest; everything else here matters to PostgreSQL only.</summary>
    public DatabaseKind Kind { get; set; }

    /// <summary>The manifest is in PostgreSQL.</summary>
    public bool IsPostgres => Kind == DatabaseKind.Postgresql;

    public string Host { get; set; } = "";

    public int Port { get; set; } = 5432;

    public string Name { get; set; } = "";

    public string User { get; set; } = "";

    /// <summary>Null if the server asks for none.</summary>
    public string? Password { get; set; }

    /// <summary>The most connections that this process opens at the same time.</summary>
    public int MaxConnections { get; set; } = 20;

    /// <summary>A PEM file with the authorities that are trusted to certify the server; null trusts those of the system.</summary>
    public string? RootCertificate { get; set; }

    /// <summary>How connections are encrypted.</summary>
    /// <remarks>Unless it is set, a root certificate has the server verified, and a host on another machine requires TLS.</remarks>
    public DatabaseTls Tls
    {
        get => _tls
            ?? (RootCertificate is not null ? DatabaseTls.VerifyFull : IsThisMachine(Host) ? DatabaseTls.Prefer : DatabaseTls.Require);
        set => _tls = value;
    }

    /// <summary>Returns the database without the password, which belongs in no log.</summary>
    public override string ToString() => $"{Name} at {Host}:{Port}";

    private void Check(Mistakes mistakes)
    {
        if (!IsPostgres)
        {
            return;
        }

        if (Host.Length == 0)
        {
            mistakes.Add(Section[nameof(Host)], "must name the PostgreSQL server");
        }

        if (Name.Length == 0)
        {
            mistakes.Add(Section[nameof(Name)], "must name a database of the PostgreSQL server");
        }

        if (User.Length == 0)
        {
            mistakes.Add(Section[nameof(User)], "must name a user of the PostgreSQL server");
        }

        if (RootCertificate is { } file && !SettingPath.IsFile(file))
        {
            mistakes.Add(Section[nameof(RootCertificate)], "must be a file with certificates in PEM form");
        }
        else if (RootCertificate is not null && Tls is not (DatabaseTls.VerifyCA or DatabaseTls.VerifyFull))
        {
            mistakes.Add(Section[nameof(Tls)], "must be verify-ca or verify-full where a root certificate is given");
        }
    }

    /// <summary>Returns whether all hosts of a list are a loopback address, localhost or the folder of a Unix socket.</summary>
    private static bool IsThisMachine(string hosts) => hosts.Split(',', StringSplitOptions.TrimEntries).All(host =>
        host.StartsWith('/') || host.StartsWith('@') || IsLoopback(WithoutPort(host)));

    private static bool IsLoopback(string host)
        => host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string WithoutPort(string host) => host.Count(character => character == ':') == 1 ? host.Split(':')[0] : host;
}

/// <summary>What keeps the manifest.</summary>
public enum DatabaseKind
{
    /// <summary>A file of one process.</summary>
    Sqlite,

    /// <summary>A server for all processes of a cluster.</summary>
    Postgresql,
}

/// <summary>How connections to PostgreSQL are encrypted.</summary>
public enum DatabaseTls
{
    /// <summary>If the server offers it; an attacker on the network can take it away unnoticed.</summary>
    Prefer,

    /// <summary>Never.</summary>
    Disable,

    /// <summary>Always, whoever the server is.</summary>
    Require,

    /// <summary>Always, and the certificate of the server must come from an authority that is trusted.</summary>
    VerifyCA,

    /// <summary>As <see cref="VerifyCA"/>, and the certificate must name the host.</summary>
    VerifyFull,
}
