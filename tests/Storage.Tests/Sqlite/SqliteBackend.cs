using ImagingIngestion.Storage.TestKit;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Tests;

/// <summary>A manifest database of one test class.</summary>
internal sealed class SqliteBackend : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteManifestStore _store;

    public SqliteBackend() => _store = SqliteManifestStore.Open(Path, TimeProvider.System);

    public string Path => System.IO.Path.Combine(_folder.Path, "manifest.db");

    public ManifestBackend ForKit() => new(_store, _store, () => Task.FromResult(ReadTexts("SELECT object_key FROM dropped_object")));

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

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }
}
