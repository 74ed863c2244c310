using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Leases deliveries that are due.</summary>
internal static class DeliveryClaims
{
    private const string NextSql = $"""
        SELECT due_at FROM delivery INDEXED BY delivery_due
        WHERE binding_id = $1 AND is_dead = 0 AND due_at < {DeliverySql.Behind}
        ORDER BY due_at LIMIT 1
        """;

    private const string DueSql = $"""
        SELECT {DeliveryRow.Columns}
        FROM delivery d INDEXED BY delivery_due CROSS JOIN study s ON s.id = d.study_id
        WHERE d.binding_id = $1 AND d.is_dead = 0 AND d.due_at <= $2
        ORDER BY d.due_at, d.created_at, d.id LIMIT $3
        """;

    private const string LeaseSql = "UPDATE delivery SET owner = $2, token = token + 1, due_at = $3 WHERE id = $1";
    private const string RenewSql = "UPDATE delivery SET due_at = $3 WHERE id = $1 AND token = $2 AND owner IS NOT NULL";

    /// <summary>Returns when the next delivery is due or its lease ends.</summary>
    public static long? NextDue(SqliteSession session, BindingRow row) => session.Statement(NextSql, 1).RunScalar(row.Id) as long?;

    /// <summary>Leases what is due: only one delivery of an instance or study can be due at a time.</summary>
    public static DeliveryClaim Claim(SqliteSession session, string binding, string owner, TimeSpan lease, int max, DateTimeOffset now)
    {
        if (BindingRow.Find(session, binding) is not { } row)
        {
            return Nothing(isPaused: false);
        }

        if (row.IsPaused)
        {
            return Nothing(isPaused: true);
        }

        List<Delivery> due = [];
        using (SqliteDataReader rows = session.Statement(DueSql, 3).Query(row.Id, ColumnTime.ToColumn(now), max))
        {
            while (rows.Read())
            {
                Delivery waiting = DeliveryRow.Read(rows, binding);
                due.Add(waiting with { Token = waiting.Token + 1 });
            }
        }

        SqliteStatement statement = session.Statement(LeaseSql, 3);
        foreach (Delivery delivery in due)
        {
            statement.Run(delivery.Id, owner, ColumnTime.ToColumn(now + lease));
        }

        return new DeliveryClaim(due, IsPaused: false, Until(NextDue(session, row), now));
    }

    public static int Renew(SqliteSession session, IReadOnlyCollection<Delivery> deliveries, long until)
    {
        SqliteStatement statement = session.Statement(RenewSql, 3);
        return deliveries.Sum(delivery => statement.Run(delivery.Id, delivery.Token, until));
    }

    public static DeliveryClaim Nothing(bool isPaused, TimeSpan? nextIn = null) => new([], isPaused, nextIn);

    public static TimeSpan? Until(long? due, DateTimeOffset now)
        => due is not { } at ? null : TimeSpan.FromMicroseconds(Math.Max(0, at - ColumnTime.ToColumn(now)));
}

/// <summary>Records the outcome of claimed deliveries.</summary>
/// <remarks>A row whose event number has risen since the claim holds a newer event, which waits from now on.</remarks>
internal static class DeliverySettling
{
    private const string IsHeld = "id = $1 AND token = $2 AND owner IS NOT NULL";

    /// <summary>Also runs if a newer event waits in the row by now: the claimed event was delivered.</summary>
    private const string RememberSql = $"""
        INSERT INTO delivered_instance (binding_id, study_id, series_uid, sop_uid)
        SELECT binding_id, study_id, series_uid, sop_uid FROM delivery
        WHERE {IsHeld} AND sop_uid <> '' AND (SELECT b.keeps_every_event FROM binding b WHERE b.id = binding_id) = 0
        ON CONFLICT DO NOTHING
        """;

    private const string RemoveSql =
        $"DELETE FROM delivery WHERE {IsHeld} AND sequence = $3 RETURNING binding_id, study_id, series_uid, sop_uid";

    private const string BurySql = $"""
        UPDATE delivery SET owner = NULL, is_dead = 1, attempts = attempts + 1, dead_since = $4, last_error = $5
        WHERE {IsHeld} AND sequence = $3
        RETURNING binding_id, study_id, series_uid, sop_uid
        """;

    private const string DelaySql = $"""
        UPDATE delivery SET owner = NULL, due_at = $4, attempts = attempts + $5, last_error = coalesce($6, last_error)
        WHERE {IsHeld} AND sequence = $3
        """;

    private const string RenewedSql = $"UPDATE delivery SET owner = NULL, due_at = $3, attempts = 0, last_error = NULL WHERE {IsHeld}";

    public static int Settle(SqliteSession session, IReadOnlyCollection<DeliverySettlement> settlements, DateTimeOffset now)
        => settlements.Count(settlement => Settle(session, settlement, now));

    private static bool Settle(SqliteSession session, DeliverySettlement settlement, DateTimeOffset now)
    {
        Delivery delivery = settlement.Delivery;
        long at = ColumnTime.ToColumn(now);
        string? error = DeliveryError.Cut(settlement.Error);
        if (settlement.Outcome == DeliveryOutcome.Delivered)
        {
            session.Statement(RememberSql, 2).Run(delivery.Id, delivery.Token);
        }

        bool isSettled = settlement.Outcome switch
        {
            DeliveryOutcome.Delivered or DeliveryOutcome.Gone =>
                Leave(session, session.Statement(RemoveSql, 3).Query(delivery.Id, delivery.Token, delivery.Sequence), at),
            DeliveryOutcome.DeadLetter =>
                Leave(session, session.Statement(BurySql, 5).Query(delivery.Id, delivery.Token, delivery.Sequence, at, error ?? ""), at),
            _ => session.Statement(DelaySql, 6).Run(
                delivery.Id,
                delivery.Token,
                delivery.Sequence,
                ColumnTime.ToColumn(now + settlement.Delay),
                settlement.Outcome == DeliveryOutcome.Retry ? 1 : 0,
                error) > 0,
        };
        return isSettled || session.Statement(RenewedSql, 3).Run(delivery.Id, delivery.Token, at) > 0;
    }

    /// <summary>Lets the next delivery of the same instance or study become due.</summary>
    private static bool Leave(SqliteSession session, SqliteDataReader rows, long now)
    {
        object?[] subject;
        using (rows)
        {
            if (!rows.Read())
            {
                return false;
            }

            subject = [rows.GetInt64(0), rows.GetInt64(1), rows.GetString(2), rows.GetString(3), now];
        }

        session.Statement(DeliverySql.NextSql, 5).Run(subject);
        return true;
    }
}
