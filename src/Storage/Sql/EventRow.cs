using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads events of the log.</summary>
internal static class EventRow
{
    /// <summary>Of the tables <c>event e</c>, <c>study s</c> and, where the event closes one, <c>study_revision r</c>.</summary>
    public const string Columns = "e.sequence, e.occurred_at, s.provider, s.study_uid, e.type, e.series_uid, e.sop_uid, e.change, "
        + "e.revision, e.modalities, e.calling_ae, e.object_key, coalesce(e.data, r.data)";

    public static LoggedEvent Read(DbDataReader row) => new(
        row.GetInt64(0),
        ColumnTime.FromColumn(row.GetInt64(1)),
        new StudyKey(new ProviderName(row.GetString(2)), new StudyInstanceUid(row.GetString(3))),
        new EventDraft
        {
            Type = (EventType)row.GetInt32(4),
            Instance = row.IsDBNull(5)
                ? null
                : new InstanceId(new SeriesInstanceUid(row.GetString(5)), new SopInstanceUid(row.GetString(6))),
            Change = row.IsDBNull(7) ? null : (ChangeKind)row.GetInt32(7),
            Revision = row.IsDBNull(8) ? null : row.GetInt32(8),
            Modalities = row.IsDBNull(9) ? [] : row.GetString(9).Split(PreparedEvent.Delimiter, StringSplitOptions.RemoveEmptyEntries),
            CallingAeTitle = row.IsDBNull(10) ? null : row.GetString(10),
            Object = row.IsDBNull(11) ? null : new ObjectKey(row.GetString(11)),
            Data = InstanceRow.Blob(row, 12),
        });
}
