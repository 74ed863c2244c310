using System.Globalization;
using System.Runtime.CompilerServices;
using ImagingIngestion.Storage.Postgres;
using Npgsql;

namespace ImagingIngestion.Tests;

/// <summary>A real PostgreSQL server.</summary>
/// <remarks>
/// It is the one that <c>IMAGING_TEST_POSTGRES</c> names, the connection string of a superuser. Without it, the first test that needs a
/// server starts one, which ends with this process. Tests make their own databases in it.
/// </remarks>
internal sealed class PostgresServer
{
    private const string Variable = "IMAGING_TEST_POSTGRES";

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartSharedAsync);

    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly string? _folder;

    private PostgresServer(string connectionString, string? folder)
    {
        _settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 300 };
        _folder = folder;
    }

    private static string Script([CallerFilePath] string path = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/servers/postgres"));

    /// <summary>Returns the server that the tests of a run share.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>Starts a server in its own folder, for a test that stops it.</summary>
    /// <param name="folder">Is removed with the server.</param>
    /// <param name="configuration">More lines of postgresql.conf.</param>
    public static async Task<PostgresServer> StartAsync(string folder, string configuration = "")
    {
        string output = await RunAsync(["up", folder], configuration);
        string line = output.Split('\n').Single(line => line.StartsWith(Variable, StringComparison.Ordinal));
        return new PostgresServer(line[(Variable.Length + 1)..].Trim(), folder);
    }

    /// <summary>Restarts the server on the same port, without telling its clients.</summary>
    public Task RestartAsync() => RunAsync(["restart", _folder!, "immediate"]);

    public Task StopAsync() => RunAsync(["down", _folder!]);

    /// <summary>Returns the options by which the program reaches a database.</summary>
    public DatabaseOptions Options(string database, int maxConnections = 20) => new()
    {
        Host = _settings.Host!,
        Port = _settings.Port,
        Name = database,
        User = _settings.Username!,
        Password = _settings.Password,
        MaxConnections = maxConnections,
    };

    /// <summary>Opens a connection of a superuser.</summary>
    public NpgsqlConnection Open(string database)
    {
        NpgsqlConnection connection = new(
            new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Database = database }.ConnectionString);
        connection.Open();
        return connection;
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using NpgsqlConnection connection = Open(database);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Returns the number that a query yields.</summary>
    public async Task<long> ScalarAsync(string database, string sql)
    {
        await using NpgsqlConnection connection = Open(database);
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Creates a separate database, empty or as a copy of another; returns its name.</summary>
    public async Task<string> CreateDatabaseAsync(string template = "template1")
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"imaging_{Guid.NewGuid():N}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template}");
        return name;
    }

    public Task DropDatabaseAsync(string name) => ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    private static async Task<PostgresServer> StartSharedAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString)
        {
            return new PostgresServer(connectionString, folder: null);
        }

        string own = Path.Combine(Path.GetTempPath(), $"imaging-postgres-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.Diagnostics.Process.Start(Script(), ["down", own]).WaitForExit();
        return await StartAsync(own);
    }

    private static async Task<string> RunAsync(string[] arguments, string configuration = "")
    {
        Dictionary<string, string> environment = new() { ["POSTGRES_CONF"] = configuration };
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(Script(), arguments, "", StartTime, environment);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"'{Script()} {arguments[0]}' ended with {exitCode}: {output} {error}");
    }
}
