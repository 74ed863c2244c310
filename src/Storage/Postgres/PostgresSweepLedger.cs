using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The sweeper's view of the manifest database.</summary>
/// <param name="installationId">The id in the manifest.</param>
/// <param name="pool">Where connections come from; each is held only for a short time, so that the sweeper does not delay ingest.</param>
internal sealed class PostgresSweepLedger(string installationId, NpgsqlDataSource pool) : ISweepLedger
{
    private const string LeaseSql = """
        INSERT INTO sweep_lease (provider, owner, leased_until) VALUES ($1, $2, now_us() + $3)
        ON CONFLICT (provider) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until
        WHERE sweep_lease.owner = excluded.owner OR sweep_lease.leased_until <= now_us()
        """;

    private const string RaiseSql = """
        INSERT INTO sweep (provider, epoch, nonce, covered_change, swept_at)
        SELECT $1, $2, $3, $4, now_us() WHERE $5 = coalesce((SELECT w.epoch FROM sweep w WHERE w.provider = $1), 0)
        ON CONFLICT (provider) DO UPDATE SET epoch = excluded.epoch, nonce = excluded.nonce, covered_change = excluded.covered_change
        WHERE sweep.epoch = $5
        """;

    private const string MarkSql = "SELECT mark FROM object_store WHERE provider = $1";

    private const string RegisterSql = "INSERT INTO object_store (provider, mark) VALUES ($1, $2) ON CONFLICT (provider) DO NOTHING";

    private const string ForgetSql = """
        WITH damage AS (DELETE FROM damaged_object WHERE object_key = ANY ($1))
        DELETE FROM dropped_object WHERE object_key = ANY ($1)
        """;

    public string InstallationId { get; } = installationId;

    public async Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken)
        => await pool.ExecuteAsync(
            new NpgsqlCommand(LeaseSql).With(space.Value).With(owner).With(ColumnTime.ToColumn(lease)),
            cancellationToken).ConfigureAwait(false) > 0;

    public Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand("DELETE FROM sweep_lease WHERE provider = $1 AND owner = $2").With(space.Value).With(owner),
            cancellationToken);

    public Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(
            pool, (connection, token) => SweepReads.ReadStateAsync(connection, space, token), cancellationToken);

    public async Task<bool> TryRaiseAsync(
        ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(epoch, from.Epoch);
        NpgsqlCommand command = new NpgsqlCommand(RaiseSql)
            .With(space.Value)
            .With(epoch)
            .With(nonce)
            .With(from.LastChange)
            .With(from.Epoch);
        return await pool.ExecuteAsync(command, cancellationToken).ConfigureAwait(false) > 0;
    }

    public Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken)
        => pool.FindAsync(new NpgsqlCommand(MarkSql).With(space.Value), rows => rows.GetString(0), cancellationToken);

    public async Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken)
    {
        await pool.ExecuteAsync(new NpgsqlCommand(RegisterSql).With(space.Value).With(mark), cancellationToken).ConfigureAwait(false);
        return (await ReadStoreMarkAsync(space, cancellationToken).ConfigureAwait(false))!;
    }

    public Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand("UPDATE sweep SET swept_at = now_us() WHERE provider = $1").With(space.Value), cancellationToken);

    public Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        string[] all = [.. keys.Select(key => key.Value)];
        return PostgresConnections.RunAsync(
            pool,
            (connection, token) => SweepReads.FindNamesAsync(connection, space, new SweepKeys(space, keys), all, token),
            cancellationToken);
    }

    public Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken)
    {
        string end = SweepKeys.EndOf(prefix);
        string start = after.IsDefault ? prefix : after.Value;
        return pool.ListAsync(
            new NpgsqlCommand(SweepReads.ListDroppedSql).With(start).With(end).With(ColumnTime.ToColumn(age)).With((long)max),
            row => new ObjectKey(row.GetString(0)),
            cancellationToken);
    }

    public Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(ForgetSql).With(keys.Select(key => key.Value).ToArray()), cancellationToken);

    public Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
        => pool.ListAsync(
            new NpgsqlCommand(SweepReads.ListNamedSql)
                .With(space.Value)
                .With(after.Position.Study)
                .With(after.Position.Series)
                .With(after.Position.Number)
                .With(after.Position.Row)
                .With((long)max),
            SweepRow.Named,
            cancellationToken);
}

/// <summary>Reads what the sweeper asks for.</summary>
internal static class SweepReads
{
    /// <summary>
    /// Finds the instances of <c>$2</c> to <c>$5</c> by the identity in the keys of their objects; <c>$1</c> is the storage space.
    /// </summary>
    internal const string FromIdentified = """
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS wanted (study_uid, series_uid, sop_uid, object_key)
        JOIN study s ON s.study_uid = wanted.study_uid AND s.provider = $1
        JOIN series r ON r.series_uid = wanted.series_uid AND r.study_id = s.id
        JOIN instance i ON i.sop_uid = wanted.sop_uid AND i.series_id = r.id AND i.study_id = s.id
        WHERE i.object_key = wanted.object_key
        """;

    private const string IdentifiedSql = $"SELECT i.object_key {FromIdentified}";

    private const string UnnamedSql =
        "SELECT object_key FROM instance WHERE object_key = ANY ($1) AND strpos(object_key, '/_unnamed/') > 0";

    private const string DroppedSql = "SELECT object_key FROM dropped_object WHERE object_key = ANY ($1)";

    /// <summary>The sum rises with every commit that stores objects, and with nothing else.</summary>
    /// <remarks>Events that wait for their number count like numbered ones. Repairs, which have no event, count themselves.</remarks>
    private const string StateSql = """
        SELECT now_us(), l.latest + (SELECT count(*) FROM event_inbox) + (SELECT changes FROM repair),
            w.epoch, w.nonce, w.covered_change, w.swept_at
        FROM event_log l LEFT JOIN sweep w ON w.provider = $1
        """;

    internal const string ListDroppedSql = """
        SELECT object_key FROM dropped_object
        WHERE object_key > $1 AND object_key < $2 AND dropped_at <= now_us() - $3
        ORDER BY object_key LIMIT $4
        """;

    internal const string ListNamedSql = $"""
        SELECT {SweepRow.NamedColumns}
        FROM instance i JOIN study s ON s.id = i.study_id
        WHERE (i.study_id, i.series_id, i.sort_number, i.id) > ($2, $3, $4, $5) AND s.provider = $1
        ORDER BY i.study_id, i.series_id, i.sort_number, i.id LIMIT $6
        """;

    /// <summary>
    /// Looks at instances first: if one drops its object between the statements, the object is found among the dropped ones.
    /// </summary>
    public static async Task<ObjectNames> FindNamesAsync(
        NpgsqlConnection connection, ProviderName space, SweepKeys keys, string[] all, CancellationToken cancellationToken)
    {
        HashSet<ObjectKey> named = keys.Foreign;
        if (keys.Identified.Count > 0)
        {
            await using NpgsqlCommand identified = new NpgsqlCommand(IdentifiedSql, connection).With(space.Value)
                .With(keys.Identified.Select(key => key.Study).ToArray())
                .With(keys.Identified.Select(key => key.Series).ToArray())
                .With(keys.Identified.Select(key => key.Sop).ToArray())
                .With(keys.Identified.Select(key => key.Key).ToArray());
            await ReadKeysAsync(identified, named, cancellationToken).ConfigureAwait(false);
        }

        if (keys.Unnamed.Count > 0)
        {
            await using NpgsqlCommand unnamed = new NpgsqlCommand(UnnamedSql, connection).With(keys.Unnamed.ToArray());
            await ReadKeysAsync(unnamed, named, cancellationToken).ConfigureAwait(false);
        }

        HashSet<ObjectKey> dropped = [];
        await using (NpgsqlCommand command = new NpgsqlCommand(DroppedSql, connection).With(all))
        {
            await ReadKeysAsync(command, dropped, cancellationToken).ConfigureAwait(false);
        }

        SweepState state = await ReadStateAsync(connection, space, cancellationToken).ConfigureAwait(false);
        return new ObjectNames(named, dropped, state.Epoch);
    }

    public static async Task<SweepState> ReadStateAsync(
        NpgsqlConnection connection, ProviderName space, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(StateSql, connection).With(space.Value);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        return SweepRow.State(rows, 1, now: rows.GetInt64(0));
    }

    private static async Task ReadKeysAsync(NpgsqlCommand command, ICollection<ObjectKey> keys, CancellationToken cancellationToken)
    {
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            keys.Add(new ObjectKey(rows.GetString(0)));
        }
    }
}
