using System.Data.Common;
using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads dead letters.</summary>
internal static class DeadLetterRow
{
    /// <summary>Of the tables <c>delivery d</c> and <c>study s</c>.</summary>
    public const string Columns = $"{DeliveryRow.Columns}, d.dead_since, d.last_error";

    public static DeadLetter Read(DbDataReader rows, string binding)
        => new(
            DeliveryRow.Read(rows, binding),
            ColumnTime.FromColumn(rows.GetInt64(DeliveryRow.Count)),
            rows.GetString(DeliveryRow.Count + 1));
}
