using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>
/// Records what became of claimed deliveries. A row whose number has moved on since the claim holds a newer event, which waits from now on.
/// </summary>
internal static class DeliverySettling
{
    private const string IsHeld = "id = $1 AND token = $2 AND owner IS NOT NULL";

    /// <summary>Also where a newer event waits in the row by now: what was delivered is what was claimed.</summary>
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

    private const string DelaySql = "UPDATE delivery SET owner = NULL, due_at = $4, attempts = attempts + $5, last_error = coalesce($6, "
        + $"last_error) WHERE {IsHeld} AND sequence = $3";

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

    /// <summary>The delivery no longer stands before others of its instance or study.</summary>
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
