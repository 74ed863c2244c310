using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The damaged objects in the manifest database.</summary>
internal sealed class SqliteDamagedObjects(SqliteWriter writer, TimeProvider timeProvider) : IDamagedObjects
{
    private const string AddSql =
        "INSERT INTO damaged_object (object_key, found_at) SELECT value, $2 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

    internal const string RemoveSql = "DELETE FROM damaged_object WHERE object_key IN (SELECT value FROM json_each($1))";

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = SweepRows.Json(keys.Select(key => key.Value));
        return writer.RunAsync(session => session.Statement(AddSql, 2).Run(all, ColumnTime.Now(timeProvider)), cancellationToken);
    }

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = SweepRows.Json(keys.Select(key => key.Value));
        return writer.RunAsync(session => session.Statement(RemoveSql, 1).Run(all), cancellationToken);
    }
}
