using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads and notes in the manifest file what a check of the content needs.</summary>
internal sealed class SqliteContentLedger(SqliteWriter writer, SqliteReaderPool readers) : IContentLedger
{
    private const string IdentifiedSql = $"SELECT {ContentRow.Columns} {SweepRows.FromIdentified}";
    private const string UnnamedSql = $"SELECT {ContentRow.Columns} {SweepRows.FromUnnamed}";

    private static readonly string ListSql = ContentRow.ListSql("CROSS JOIN");

    public Task<IReadOnlyList<ListedInstance>> ListAsync(
        ProviderName space, InstancePosition after, int max, CancellationToken cancellationToken)
        => readers.RunAsync(
            reader => Read(reader.Statement(ListSql, 6).Query(space.Value, after.Study, after.Series, after.Number, after.Row, (long)max)),
            cancellationToken);

    public Task<IReadOnlyList<ListedInstance>> ListDamagedAsync(
        ProviderName space, ObjectKey after, int max, CancellationToken cancellationToken)
        => ContentRow.ListDamagedAsync(
            after,
            (last, token) => readers.RunAsync(
                reader => SweepRows.ReadKeys(reader.Statement(ContentRow.DamagedKeysSql, 2).Query(last, (long)max)), token),
            (keys, token) => readers.RunAsync(reader => Find(reader, new SweepKeys(space, keys), space), token),
            cancellationToken);

    public Task SetChecksumAsync(ListedInstance instance, ulong checksum, CancellationToken cancellationToken)
        => writer.RunAsync(
            session => session.Statement(ContentRow.SetChecksumSql, 4)
                .Run(instance.Position.Study, instance.Position.Row, instance.State.Object.Value, unchecked((long)checksum)),
            cancellationToken);

    public Task<ContentProgress?> ReadProgressAsync(ProviderName space, string check, CancellationToken cancellationToken)
        => readers.RunAsync(
            reader =>
            {
                using SqliteDataReader rows = reader.Statement(ContentRow.ProgressSql, 2).Query(space.Value, check);
                return rows.Read() ? ContentRow.Progress(rows) : null;
            },
            cancellationToken);

    public Task SaveProgressAsync(ProviderName space, string check, ContentProgress? progress, CancellationToken cancellationToken)
        => writer.RunAsync(
            session => progress is { Position: var at }
                ? session.Statement(ContentRow.SaveProgressSql, 8)
                    .Run(
                        space.Value, check, at.Study, at.Series, at.Number, at.Row, progress.Objects, ColumnTime.ToColumn(progress.BegunAt))
                : session.Statement(ContentRow.ForgetProgressSql, 2).Run(space.Value, check),
            cancellationToken);

    public Task<long> CountAsync(ProviderName space, CancellationToken cancellationToken)
        => readers.RunAsync(reader => (long)reader.Statement(ContentRow.CountSql, 1).RunScalar(space.Value)!, cancellationToken);

    private static IReadOnlyList<ListedInstance> Find(SqliteSession reader, SweepKeys keys, ProviderName space)
        => [
            .. Read(reader.Statement(IdentifiedSql, 2).Query(space.Value, JsonList.Of(keys.Identified))),
            .. Read(reader.Statement(UnnamedSql, 2).Query(space.Value, JsonList.Of(keys.Unnamed))),
        ];

    private static IReadOnlyList<ListedInstance> Read(SqliteDataReader rows)
    {
        using (rows)
        {
            List<ListedInstance> instances = [];
            while (rows.Read())
            {
                instances.Add(ContentRow.Listed(rows));
            }

            return instances;
        }
    }
}

/// <summary>The damaged objects in the manifest database.</summary>
internal sealed class SqliteDamagedObjects(SqliteWriter writer, TimeProvider timeProvider) : IDamagedObjects
{
    private const string AddSql =
        "INSERT INTO damaged_object (object_key, found_at) SELECT value, $2 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";

    internal const string RemoveSql = "DELETE FROM damaged_object WHERE object_key IN (SELECT value FROM json_each($1))";

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = JsonList.Of([.. keys.Select(key => key.Value)]);
        return writer.RunAsync(session => session.Statement(AddSql, 2).Run(all, ColumnTime.Now(timeProvider)), cancellationToken);
    }

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = JsonList.Of([.. keys.Select(key => key.Value)]);
        return writer.RunAsync(session => session.Statement(RemoveSql, 1).Run(all), cancellationToken);
    }
}
