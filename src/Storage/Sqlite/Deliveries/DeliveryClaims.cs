using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

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

    /// <summary>When the next delivery is due or its lease ends.</summary>
    public static long? NextDue(SqliteSession session, BindingRow row) => session.Statement(NextSql, 1).RunScalar(row.Id) as long?;

    /// <summary>Of one instance or study only one delivery can be due, so that whatever is found may be leased.</summary>
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
