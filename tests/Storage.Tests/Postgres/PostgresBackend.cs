using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>The manifest database of one test.</summary>
internal sealed class PostgresBackend : IAsyncDisposable
{
    private static readonly TimeSpan AnyStep = TimeSpan.FromTicks(1);

    private readonly PostgresServer _server;
    private readonly NpgsqlConnection _clock;
    private readonly ITimer _steps;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private PostgresBackend(PostgresServer server, string database, PostgresManifestStore store)
    {
        _server = server;
        Database = database;
        Store = store;
        _clock = server.Open(database);
        _steps = _time.CreateTimer(_ => FollowClock(), null, AnyStep, Timeout.InfiniteTimeSpan);
        FollowClock();
    }

    public string Database { get; }

    public PostgresManifestStore Store { get; private set; }

    public DatabaseOptions Options => _server.Options(Database);

    public static async Task<PostgresBackend> CreateAsync()
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        string database = await PostgresTemplate.CreateDatabaseAsync();
        return new PostgresBackend(server, database, await OpenAsync(server.Options(database)));
    }

    public ManifestBackend ForKit() => new()
    {
        Store = Store,
        Query = Store,
        Revisions = Store.Revisions,
        Events = Store.Events,
        Deliveries = Store.Deliveries,
        Bindings = Store.Bindings,
        Commitments = Store.Commitments,
        Sweep = Store.Sweep,
        Damaged = Store.Damaged,
        Content = Store.Content,
        Index = Store.Index,
        Execute = sql => ExecuteAsync($"SET search_path = imaging; {sql}"),
        Time = _time,
        DroppedObjects = () => ReadTextsAsync("SELECT object_key FROM imaging.dropped_object"),
        EventsAreNumbered = () => Store.NumberEventsAsync(CancellationToken.None),
        Reopen = ReopenAsync,
    };

    public async Task<IReadOnlyList<string>> ReadTextsAsync(string sql)
    {
        await using NpgsqlConnection connection = _server.Open(Database);
        await using NpgsqlCommand command = new(sql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        List<string> texts = [];
        while (await rows.ReadAsync())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    /// <summary>Writes what no port writes.</summary>
    public Task ExecuteAsync(string sql) => _server.ExecuteAsync(Database, sql);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _steps.DisposeAsync();
        await _clock.DisposeAsync();
        await _server.DropDatabaseAsync(Database);
    }

    private static Task<PostgresManifestStore> OpenAsync(DatabaseOptions options)
        => PostgresManifestStore.OpenAsync(options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    /// <summary>Sets the clock of the database, now and whenever the fake clock is advanced.</summary>
    private void FollowClock()
    {
        using NpgsqlCommand command =
            new NpgsqlCommand("UPDATE imaging.test_clock SET now = $1", _clock).With(ColumnTime.ToColumn(_time.GetUtcNow()));
        command.ExecuteNonQuery();
        _steps.Change(AnyStep, Timeout.InfiniteTimeSpan);
    }

    private async Task<ManifestBackend> ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync(Options);
        return ForKit();
    }
}
