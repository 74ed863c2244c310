using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>What the sweeper reads.</summary>
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

    /// <summary>
    /// Events that wait for their number count as those that have one, and repairs, which have no event, as themselves: the sum goes up
    /// with every commit that stores objects, and with nothing else.
    /// </summary>
    private const string StateSql = """
        SELECT now_us(), l.latest + (SELECT count(*) FROM event_inbox) + (SELECT changes FROM repair), w.epoch, w.nonce, w.covered_change, w.swept_at
        FROM event_log l LEFT JOIN sweep w ON w.provider = $1
        """;

    private const string ListDroppedSql = """
        SELECT object_key FROM dropped_object
        WHERE object_key > $1 AND object_key < $2 AND dropped_at <= now_us() - $3
        ORDER BY object_key LIMIT $4
        """;

    private const string ListNamedSql = $"""
        SELECT {SweepRow.NamedColumns}
        FROM instance i JOIN study s ON s.id = i.study_id
        WHERE (i.study_id, i.series_id, i.sort_number, i.id) > ($2, $3, $4, $5) AND s.provider = $1
        ORDER BY i.study_id, i.series_id, i.sort_number, i.id LIMIT $6
        """;

    /// <summary>Instances first: one that drops its object between the statements is then found among the dropped.</summary>
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

    public static async Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        NpgsqlConnection connection, string after, string end, TimeSpan age, int max, CancellationToken cancellationToken)
    {
        List<ObjectKey> keys = [];
        await using NpgsqlCommand command =
            new NpgsqlCommand(ListDroppedSql, connection).With(after).With(end).With(ColumnTime.ToColumn(age)).With((long)max);
        await ReadKeysAsync(command, keys, cancellationToken).ConfigureAwait(false);
        return keys;
    }

    public static async Task<IReadOnlyList<NamedObject>> ListNamedAsync(
        NpgsqlConnection connection, ProviderName space, NamedObject after, int max, CancellationToken cancellationToken)
    {
        List<NamedObject> objects = [];
        await using NpgsqlCommand command = new NpgsqlCommand(ListNamedSql, connection).With(space.Value)
            .With(after.Position.Study).With(after.Position.Series).With(after.Position.Number).With(after.Position.Row).With((long)max);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            objects.Add(SweepRow.Named(rows));
        }

        return objects;
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
