using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The sweeper's view of the manifest database.</summary>
/// <remarks>Leases stay in memory: one process has the file.</remarks>
/// <param name="installationId">The id in the manifest.</param>
/// <param name="writer">Writes epochs and forgets objects.</param>
/// <param name="readers">Look for names.</param>
/// <param name="timeProvider">The clock of the store.</param>
internal sealed class SqliteSweepLedger(string installationId, SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider)
    : ISweepLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ProviderName, (string Owner, DateTimeOffset Until)> _leases = [];

    public string InstallationId { get; } = installationId;

    public Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DateTimeOffset now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            if (_leases.TryGetValue(space, out (string Owner, DateTimeOffset Until) held) && held.Owner != owner && held.Until > now)
            {
                return Task.FromResult(false);
            }

            _leases[space] = (owner, now + lease);
            return Task.FromResult(true);
        }
    }

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_leases.TryGetValue(space, out (string Owner, DateTimeOffset Until) held) && held.Owner == owner)
            {
                _leases.Remove(space);
            }
        }

        return Task.CompletedTask;
    }

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ReadState(reader, space, ColumnTime.Now(timeProvider)), cancellationToken);

    public Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(epoch, from.Epoch);
        return writer.RunAsync(
            session => SweepRows.TryRaise(session, space, from, epoch, nonce, ColumnTime.Now(timeProvider)), cancellationToken);
    }

    public Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ReadMark(reader, space), cancellationToken);

    public Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
        => writer.RunAsync(session => SweepRows.RegisterMark(session, space, mark), cancellationToken);

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken)
        => writer.RunAsync(session => SweepRows.SetSwept(session, space, ColumnTime.Now(timeProvider)), cancellationToken);

    public Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        SweepKeys grouped = new(space, keys);
        string all = JsonList.Of([.. keys.Select(key => key.Value)]);
        return readers.RunAsync(reader => reader.InSnapshot(() => SweepRows.FindNames(reader, space, grouped, all)), cancellationToken);
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
    {
        string end = SweepKeys.EndOf(prefix);
        string start = after.IsDefault ? prefix : after.Value;
        return readers.RunAsync(
            reader => SweepRows.ListDropped(reader, start, end, ColumnTime.Now(timeProvider) - ColumnTime.ToColumn(age), max),
            cancellationToken);
    }

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string all = JsonList.Of([.. keys.Select(key => key.Value)]);
        return writer.RunAsync(session => SweepRows.Forget(session, all), cancellationToken);
    }

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => readers.RunAsync(reader => SweepRows.ListNamed(reader, space, after, max), cancellationToken);
}

/// <summary>The statements of the sweeper. Sets of keys are JSON arrays.</summary>
internal static class SweepRows
{
    /// <summary>Finds the instances of <c>$2</c> by the identity in the keys of their objects; <c>$1</c> is the storage space.</summary>
    internal const string FromIdentified = """
        FROM json_each($2) wanted
        CROSS JOIN study s ON s.study_uid = json_extract(wanted.value, '$[0]') AND s.provider = $1
        CROSS JOIN series r ON r.series_uid = json_extract(wanted.value, '$[1]') AND r.study_id = s.id
        CROSS JOIN instance i ON i.sop_uid = json_extract(wanted.value, '$[2]') AND i.series_id = r.id
        WHERE i.object_key = json_extract(wanted.value, '$[3]')
        """;

    /// <summary>
    /// Finds the instances of <c>$2</c> by the keys of their objects, which hold no identity; <c>$1</c> is the storage space.
    /// </summary>
    internal const string FromUnnamed = """
        FROM json_each($2) wanted
        CROSS JOIN instance i ON i.object_key = wanted.value
        CROSS JOIN study s ON s.id = i.study_id
        CROSS JOIN series r ON r.id = i.series_id
        WHERE instr(i.object_key, '/_unnamed/') > 0 AND s.provider = $1
        """;

    internal const string IdentifiedSql = $"SELECT i.object_key {FromIdentified}";

    internal const string UnnamedSql = $"SELECT i.object_key {FromUnnamed}";

    private const string DroppedSql =
        "SELECT d.object_key FROM json_each($1) wanted CROSS JOIN dropped_object d ON d.object_key = wanted.value";

    private const string StateSql = """
        SELECT (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event') + (SELECT changes FROM repair),
            w.epoch, w.nonce, w.covered_change, w.swept_at
        FROM (SELECT 1) LEFT JOIN sweep w ON w.provider = $1
        """;

    private const string RaiseSql = """
        INSERT INTO sweep (provider, epoch, nonce, covered_change, swept_at)
        SELECT $1, $2, $3, $4, $5 WHERE $6 = coalesce((SELECT epoch FROM sweep WHERE provider = $1), 0)
        ON CONFLICT (provider) DO UPDATE SET epoch = excluded.epoch, nonce = excluded.nonce, covered_change = excluded.covered_change
        WHERE epoch = $6
        """;

    private const string ListDroppedSql = """
        SELECT object_key FROM dropped_object
        WHERE object_key > $1 AND object_key < $2 AND dropped_at <= $3
        ORDER BY object_key LIMIT $4
        """;

    private const string ForgetSql = "DELETE FROM dropped_object WHERE object_key IN (SELECT value FROM json_each($1))";

    internal const string ListNamedSql = $"""
        SELECT {SweepRow.NamedColumns}
        FROM instance i CROSS JOIN study s ON s.id = i.study_id
        WHERE (i.study_id, i.series_id, i.sort_number, i.id) > ($2, $3, $4, $5) AND s.provider = $1
        ORDER BY i.study_id, i.series_id, i.sort_number, i.id LIMIT $6
        """;

    public static ObjectNames FindNames(SqliteSession reader, ProviderName space, SweepKeys keys, string all)
    {
        HashSet<ObjectKey> named = keys.Foreign;
        if (keys.Identified.Count > 0)
        {
            named.UnionWith(ReadKeys(reader.Statement(IdentifiedSql, 2).Query(space.Value, JsonList.Of(keys.Identified))));
        }

        if (keys.Unnamed.Count > 0)
        {
            named.UnionWith(ReadKeys(reader.Statement(UnnamedSql, 2).Query(space.Value, JsonList.Of(keys.Unnamed))));
        }

        HashSet<ObjectKey> dropped = [.. ReadKeys(reader.Statement(DroppedSql, 1).Query(all))];
        return new ObjectNames(named, dropped, ReadState(reader, space, 0).Epoch);
    }

    public static SweepState ReadState(SqliteSession reader, ProviderName space, long now)
    {
        using SqliteDataReader rows = reader.Statement(StateSql, 1).Query(space.Value);
        rows.Read();
        return SweepRow.State(rows, 0, now);
    }

    public static bool TryRaise(SqliteSession writer, ProviderName space, SweepState from, long epoch, string nonce, long now)
        => writer.Statement(RaiseSql, 6).Run(space.Value, epoch, nonce, from.LastChange, now, from.Epoch) > 0;

    public static string? ReadMark(SqliteSession reader, ProviderName space)
        => (string?)reader.Statement("SELECT mark FROM object_store WHERE provider = $1", 1).RunScalar(space.Value);

    public static string RegisterMark(SqliteSession writer, ProviderName space, string mark)
    {
        writer.Statement("INSERT INTO object_store (provider, mark) VALUES ($1, $2) ON CONFLICT (provider) DO NOTHING", 2).Run(
            space.Value, mark);
        return ReadMark(writer, space)!;
    }

    public static bool SetSwept(SqliteSession writer, ProviderName space, long now)
        => writer.Statement("UPDATE sweep SET swept_at = $2 WHERE provider = $1", 2).Run(space.Value, now) > 0;

    public static IReadOnlyList<ObjectKey> ListDropped(SqliteSession reader, string after, string end, long before, int max)
        => ReadKeys(reader.Statement(ListDroppedSql, 4).Query(after, end, before, (long)max));

    public static int Forget(SqliteSession writer, string keys)
    {
        writer.Statement(SqliteDamagedObjects.RemoveSql, 1).Run(keys);
        return writer.Statement(ForgetSql, 1).Run(keys);
    }

    public static IReadOnlyList<NamedObject> ListNamed(SqliteSession reader, ProviderName space, NamedObject after, int max)
    {
        List<NamedObject> objects = [];
        using SqliteDataReader rows = reader.Statement(ListNamedSql, 6)
            .Query(space.Value, after.Position.Study, after.Position.Series, after.Position.Number, after.Position.Row, (long)max);
        while (rows.Read())
        {
            objects.Add(SweepRow.Named(rows));
        }

        return objects;
    }

    public static IReadOnlyList<ObjectKey> ReadKeys(SqliteDataReader rows)
    {
        using (rows)
        {
            List<ObjectKey> keys = [];
            while (rows.Read())
            {
                keys.Add(new ObjectKey(rows.GetString(0)));
            }

            return keys;
        }
    }
}
