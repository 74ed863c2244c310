using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The deliveries of all bindings in PostgreSQL; any number of processes fan out and claim at the same time.</summary>
internal sealed class PostgresDeliveryQueue(NpgsqlDataSource pool) : IDeliveryQueue
{
    private const string IsKnownSql =
        "SELECT EXISTS (SELECT 1 FROM binding WHERE name = $1 AND kind = $2 AND keeps_every_event = $3 AND NOT is_removed)";
    private const string RegisterSql = "SELECT register_binding_1($1, $2, $3, $4, $5, $6)";

    private const string IsUpToDateSql = """
        SELECT b.cursor, b.snapshot_after IS NULL AND b.cursor >= l.latest
        FROM binding b LEFT JOIN event_log l ON true
        WHERE b.name = $1 AND NOT b.is_removed
        """;

    private const string FanOutSql = "SELECT reached, has_more FROM fan_out_1($1, $2, $3, $4, $5, $6, $7, $8)";

    /// <summary>Leases what is due: only one delivery of an instance or study can be due at a time.</summary>
    /// <remarks>The scalar queries keep the order of the index.</remarks>
    internal const string ClaimSql = $"""
        WITH due AS (
            SELECT d.id, d.due_at, d.created_at FROM delivery d
            WHERE d.binding_id = (SELECT id FROM binding WHERE name = $1 AND NOT is_paused AND NOT is_removed)
                AND NOT d.is_dead AND d.due_at <= (SELECT now_us())
            ORDER BY d.due_at, d.created_at, d.id LIMIT $4 FOR UPDATE SKIP LOCKED
        ), leased AS (
            UPDATE delivery d SET owner = $2, token = d.token + 1, due_at = now_us() + $3 FROM due WHERE d.id = due.id
            RETURNING d.*, due.due_at AS was_due_at
        )
        SELECT {DeliveryRow.Columns} FROM leased d JOIN study s ON s.id = d.study_id ORDER BY d.was_due_at, d.created_at, d.id
        """;

    private const string NextSql = """
        SELECT b.is_paused, (
            SELECT d.due_at FROM delivery d
            WHERE d.binding_id = b.id AND NOT d.is_dead AND d.due_at < behind()
            ORDER BY d.due_at LIMIT 1) - now_us()
        FROM binding b WHERE b.name = $1 AND NOT b.is_removed
        """;

    private const string RenewSql = "SELECT renew_1($1, $2, $3)";

    private const string SettleSql = "SELECT settle_2($1, $2, $3, $4, $5, $6)";

    public Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken)
    {
        DeliveryTypes.Check(binding);
        (bool fromOldestEvent, bool instances, bool studies) = DeliveryTypes.StartOf(binding);
        return PostgresConnections.RunAsync(
            pool,
            async (connection, token) =>
            {
                await using NpgsqlCommand known = new NpgsqlCommand(IsKnownSql, connection)
                    .With(binding.Name)
                    .With(binding.Kind)
                    .With(binding.KeepsEveryEvent);
                if (await known.ExecuteScalarAsync(token).ConfigureAwait(false) is true)
                {
                    return false;
                }

                await using NpgsqlCommand command = new NpgsqlCommand(RegisterSql, connection)
                    .With(binding.Name)
                    .With(binding.Kind)
                    .With(binding.KeepsEveryEvent)
                    .With(fromOldestEvent)
                    .With(instances)
                    .With(studies);
                await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Looks first, without a lock, because usually there is nothing to do.</summary>
    public Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        return PostgresConnections.RunAsync(
            pool,
            async (connection, token) =>
            {
                await using (NpgsqlCommand look = new NpgsqlCommand(IsUpToDateSql, connection).With(binding.Name))
                await using (NpgsqlDataReader row = await look.ExecuteReaderAsync(token).ConfigureAwait(false))
                {
                    if (!await row.ReadAsync(token).ConfigureAwait(false))
                    {
                        return default;
                    }

                    if (IsUpToDate(row))
                    {
                        return new FanOutResult(row.GetInt64(0), HasMore: false);
                    }
                }

                return await FanOutAsync(connection, binding, max, token).ConfigureAwait(false);
            },
            cancellationToken);
    }

    public Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        return PostgresConnections.RunAsync(
            pool, (connection, token) => ClaimAsync(connection, (binding, owner, lease, max), token), cancellationToken);
    }

    public Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken)
        => deliveries.Count == 0 ? Task.CompletedTask : pool.ExecuteAsync(
            new NpgsqlCommand(RenewSql)
                .With(deliveries.Select(delivery => delivery.Id).ToArray())
                .With(deliveries.Select(delivery => delivery.Token).ToArray())
                .With(ColumnTime.ToColumn(lease)),
            cancellationToken);

    public Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken)
        => settlements.Count == 0 ? Task.CompletedTask : pool.ExecuteAsync(
            new NpgsqlCommand(SettleSql)
                .With(settlements.Select(row => row.Delivery.Id).ToArray())
                .With(settlements.Select(row => row.Delivery.Token).ToArray())
                .With(settlements.Select(row => row.Delivery.Sequence).ToArray())
                .With(settlements.Select(row => OutcomeNumber(row.Outcome)).ToArray())
                .With(settlements.Select(row => ColumnTime.ToColumn(row.Delay)).ToArray())
                .With(settlements.Select(row => DeliveryError.Cut(row.Error)).ToArray()),
            cancellationToken);

    private static async Task<FanOutResult> FanOutAsync(
        NpgsqlConnection connection, BindingDefinition binding, int max, CancellationToken cancellationToken)
    {
        bool takesInstances = DeliveryTypes.TakesInstances(binding);
        await using NpgsqlCommand command = new NpgsqlCommand(FanOutSql, connection)
            .With(binding.Name)
            .With(EventRow.Mask(binding.Types));
        AddFilter(command, [.. binding.Filter.Providers.Select(provider => provider.Value)]);
        AddFilter(command, DeliveryTypes.EnclosedModalities(binding));
        AddFilter(command, [.. binding.Filter.CallingAeTitles]);
        command.With(takesInstances).With((short)DeliveryTypes.OfSnapshot(binding)).With(max);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new FanOutResult(row.GetInt64(0), row.GetBoolean(1));
    }

    /// <summary>Adds a list, or null if everything passes.</summary>
    private static void AddFilter(NpgsqlCommand command, string[] values)
        => command.Parameters.Add(new NpgsqlParameter<string[]?>
        {
            TypedValue = values.Length == 0 ? null : values,
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text
        });

    private static async Task<DeliveryClaim> ClaimAsync(
        NpgsqlConnection connection, (string Binding, string Owner, TimeSpan Lease, int Max) wanted, CancellationToken cancellationToken)
    {
        List<Delivery> due = [];
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ClaimSql)
            .With(wanted.Binding)
            .With(wanted.Owner)
            .With(ColumnTime.ToColumn(wanted.Lease))
            .With(wanted.Max));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(NextSql).With(wanted.Binding));
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            due.Add(DeliveryRow.Read(rows, wanted.Binding));
        }

        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return new DeliveryClaim([], IsPaused: false, NextIn: null);
        }

        return Read(rows, due);
    }

    private static bool IsUpToDate(NpgsqlDataReader row) => row.IsDBNull(1) ? throw EventLogFaults.Missing() : row.GetBoolean(1);

    private static DeliveryClaim Read(NpgsqlDataReader row, IReadOnlyList<Delivery> due)
    {
        bool isPaused = row.GetBoolean(0);
        return new DeliveryClaim(
            due, isPaused, isPaused || row.IsDBNull(1) ? null : TimeSpan.FromMicroseconds(Math.Max(0, row.GetInt64(1))));
    }

    private static short OutcomeNumber(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Delivered => 0,
        DeliveryOutcome.Retry => 1,
        DeliveryOutcome.DeadLetter => 2,
        DeliveryOutcome.Released => 3,
        _ => 4,
    };
}
