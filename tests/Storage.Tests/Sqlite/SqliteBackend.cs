using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>The manifest database of one test class.</summary>
internal sealed class SqliteBackend : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private SqliteManifestStore _store;

    public SqliteBackend() => _store = SqliteManifestStore.Open(Path, _time);

    public string Path => System.IO.Path.Combine(_folder.Path, "manifest.db");

    public ManifestBackend ForKit() => new()
    {
        Store = _store,
        Query = _store,
        Revisions = _store.Revisions,
        Events = _store.Events,
        Deliveries = _store.Deliveries,
        Bindings = _store.Bindings,
        Commitments = _store.Commitments,
        Sweep = _store.Sweep,
        Damaged = _store.Damaged,
        Content = _store.Content,
        Index = _store.Index,
        Execute = sql => Task.Run(() => Execute(sql)),
        Time = _time,
        DroppedObjects = () => Task.FromResult(ReadTexts("SELECT object_key FROM dropped_object")),
        Reopen = ReopenAsync,
    };

    public IReadOnlyList<string> ReadTexts(string sql)
    {
        using SqliteConnection connection = new SqliteConnections(Path).OpenReader(cacheKibibytes: 1024);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader rows = command.ExecuteReader();
        List<string> texts = [];
        while (rows.Read())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    /// <summary>Writes what no port writes.</summary>
    public void Execute(string sql)
    {
        using SqliteConnection connection = new SqliteConnections(Path).OpenWriter();
        SqliteConnections.Execute(connection, sql);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<ManifestBackend> ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = SqliteManifestStore.Open(Path, _time);
        return ForKit();
    }
}
