using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads deliveries.</summary>
internal static class DeliveryRow
{
    /// <summary>The columns of the tables <c>delivery d</c> and <c>study s</c>.</summary>
    /// <remarks>The scalar query makes PostgreSQL look each instance up; for EXISTS it would hash all of them.</remarks>
    public const string Columns = """
        d.id, d.token, d.type, s.provider, s.study_uid, d.series_uid, d.sop_uid, d.change, d.revision, d.sequence, d.attempts, (
            SELECT 1 FROM delivered_instance i
            WHERE i.binding_id = d.binding_id AND i.study_id = d.study_id AND i.series_uid = d.series_uid
                AND i.sop_uid = d.sop_uid) IS NOT NULL
        """;

    public const int Count = 12;

    public static Delivery Read(DbDataReader rows, string binding) => new()
    {
        Id = rows.GetInt64(0),
        Token = rows.GetInt64(1),
        Binding = binding,
        Type = (EventType)rows.GetInt32(2),
        Study = new StudyKey(new ProviderName(rows.GetString(3)), new StudyInstanceUid(rows.GetString(4))),
        Instance = rows.GetString(6).Length == 0
            ? null
            : new InstanceId(new SeriesInstanceUid(rows.GetString(5)), new SopInstanceUid(rows.GetString(6))),
        Change = rows.IsDBNull(7) ? null : (ChangeKind)rows.GetInt32(7),
        Revision = rows.IsDBNull(8) ? null : rows.GetInt32(8),
        Sequence = rows.GetInt64(9),
        Attempts = rows.GetInt32(10),
        WasDelivered = rows.GetBoolean(11),
    };
}

/// <summary>Reads dead letters.</summary>
internal static class DeadLetterRow
{
    /// <summary>The columns of the tables <c>delivery d</c> and <c>study s</c>.</summary>
    public const string Columns = $"{DeliveryRow.Columns}, d.dead_since, d.last_error";

    public static DeadLetter Read(DbDataReader rows, string binding)
        => new(
            DeliveryRow.Read(rows, binding),
            ColumnTime.FromColumn(rows.GetInt64(DeliveryRow.Count)),
            rows.GetString(DeliveryRow.Count + 1));
}

/// <summary>Reads bindings as operators see them.</summary>
/// <remarks>The columns: name, kind, paused, cursor, in its snapshot, waiting, waiting since, dead letters.</remarks>
internal static class BindingStatusRow
{
    public static BindingStatus Read(DbDataReader rows) => new()
    {
        Name = rows.GetString(0),
        Kind = rows.GetString(1),
        IsPaused = rows.GetBoolean(2),
        Cursor = rows.GetInt64(3),
        IsInSnapshot = rows.GetBoolean(4),
        Waiting = rows.GetInt64(5),
        OldestWaitingSince = rows.IsDBNull(6) ? null : ColumnTime.FromColumn(rows.GetInt64(6)),
        DeadLetters = rows.GetInt64(7),
    };
}
