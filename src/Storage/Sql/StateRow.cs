using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads the state of a study and of its series.</summary>
internal static class StateRow
{
    /// <summary>Of the tables <c>study s</c> and <c>study_attributes a</c>.</summary>
    public const string StudyColumns = "s.version, s.created_at, s.updated_at, a.attributes, s.next_revision";

    /// <summary>Of the table <c>series r</c>.</summary>
    public const string SeriesColumns = "r.series_uid, r.instance_count, r.modality, r.attributes";

    /// <summary>The study without its series, which other rows hold.</summary>
    public static StudyState Study(DbDataReader rows, int first, StudyKey key) => new()
    {
        Key = key,
        Version = rows.GetInt64(first),
        CreatedAt = ColumnTime.FromColumn(rows.GetInt64(first + 1)),
        UpdatedAt = ColumnTime.FromColumn(rows.GetInt64(first + 2)),
        Attributes = InstanceRow.Attributes(rows, first + 3),
        NextRevision = rows.GetInt32(first + 4),
        Series = [],
    };

    public static SeriesState Series(DbDataReader rows) => new()
    {
        Uid = new SeriesInstanceUid(rows.GetString(0)),
        InstanceCount = rows.GetInt32(1),
        Modalities = InstanceRow.Values(rows, 2),
        Attributes = InstanceRow.Attributes(rows, 3),
    };
}
