using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Reads and notes in the manifest database what a check of the content needs.</summary>
internal sealed class PostgresContentLedger(NpgsqlDataSource pool) : IContentLedger
{
    private const string FindSql = $"""
        SELECT {ContentRow.Columns} {SweepReads.FromIdentified}
        UNION ALL
        SELECT {ContentRow.Columns}
        FROM instance i JOIN study s ON s.id = i.study_id JOIN series r ON r.id = i.series_id
        WHERE i.object_key = ANY ($6) AND strpos(i.object_key, '/_unnamed/') > 0 AND s.provider = $1
        """;

    private static readonly string ListSql = ContentRow.ListSql("JOIN");

    public Task<IReadOnlyList<ListedInstance>> ListAsync(
        ProviderName space, InstancePosition after, int max, CancellationToken cancellationToken)
        => pool.ListAsync(
            new NpgsqlCommand(ListSql)
                .With(space.Value)
                .With(after.Study)
                .With(after.Series)
                .With(after.Number)
                .With(after.Row)
                .With((long)max),
            ContentRow.Listed,
            cancellationToken);

    public Task<IReadOnlyList<ListedInstance>> ListDamagedAsync(
        ProviderName space, ObjectKey after, int max, CancellationToken cancellationToken)
        => ContentRow.ListDamagedAsync(
            after,
            (last, token) => pool.ListAsync(
                new NpgsqlCommand(ContentRow.DamagedKeysSql).With(last).With((long)max), row => new ObjectKey(row.GetString(0)), token),
            (keys, token) => pool.ListAsync(Find(new SweepKeys(space, keys), space), ContentRow.Listed, token),
            cancellationToken);

    public Task SetChecksumAsync(ListedInstance instance, ulong checksum, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new NpgsqlCommand(ContentRow.SetChecksumSql)
            .With(instance.Position.Study).With(instance.Position.Row).With(instance.State.Object.Value).With(unchecked((long)checksum));
        return pool.ExecuteAsync(command, cancellationToken);
    }

    public Task<ContentProgress?> ReadProgressAsync(ProviderName space, string check, CancellationToken cancellationToken)
        => pool.FindAsync(
            new NpgsqlCommand(ContentRow.ProgressSql).With(space.Value).With(check), ContentRow.Progress, cancellationToken);

    public Task SaveProgressAsync(ProviderName space, string check, ContentProgress? progress, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = progress is { Position: var at }
            ? new NpgsqlCommand(ContentRow.SaveProgressSql)
                .With(space.Value)
                .With(check)
                .With(at.Study)
                .With(at.Series)
                .With(at.Number)
                .With(at.Row)
                .With(progress.Objects)
                .With(ColumnTime.ToColumn(progress.BegunAt))
            : new NpgsqlCommand(ContentRow.ForgetProgressSql).With(space.Value).With(check);
        return pool.ExecuteAsync(command, cancellationToken);
    }

    public Task<long> CountAsync(ProviderName space, CancellationToken cancellationToken)
        => pool.FindAsync(new NpgsqlCommand(ContentRow.CountSql).With(space.Value), row => row.GetInt64(0), cancellationToken);

    private static NpgsqlCommand Find(SweepKeys keys, ProviderName space)
        => new NpgsqlCommand(FindSql).With(space.Value)
            .With(keys.Identified.Select(key => key.Study).ToArray())
            .With(keys.Identified.Select(key => key.Series).ToArray())
            .With(keys.Identified.Select(key => key.Sop).ToArray())
            .With(keys.Identified.Select(key => key.Key).ToArray())
            .With(keys.Unnamed.ToArray());
}

/// <summary>The damaged objects in the manifest database.</summary>
internal sealed class PostgresDamagedObjects(NpgsqlDataSource pool) : IDamagedObjects
{
    private const string AddSql = """
        INSERT INTO damaged_object (object_key, found_at)
        SELECT DISTINCT object_key, now_us() FROM unnest($1::text[]) AS found (object_key) ORDER BY object_key
        ON CONFLICT (object_key) DO NOTHING
        """;

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(AddSql).With(keys.Select(key => key.Value).ToArray()), cancellationToken);

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand("DELETE FROM damaged_object WHERE object_key = ANY ($1)").With(keys.Select(key => key.Value).ToArray()),
            cancellationToken);
}
