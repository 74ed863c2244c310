using System.Data.Common;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads the state of a study and of its series.</summary>
internal static class StateRow
{
    /// <summary>The columns of the tables <c>study s</c> and <c>study_attributes a</c>.</summary>
    public const string StudyColumns = "s.version, s.created_at, s.updated_at, a.attributes, s.next_revision";

    /// <summary>The columns of the table <c>series r</c>.</summary>
    public const string SeriesColumns = "r.series_uid, r.instance_count, r.modality, r.attributes";

    /// <summary>Reads the study without its series, which other rows hold.</summary>
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

/// <summary>The columns of an instance's state in the order in which they are read.</summary>
internal static class InstanceRow
{
    /// <summary>The columns of the tables <c>instance i</c> and <c>series r</c>.</summary>
    public const string Columns = """
        r.series_uid, i.sop_uid, i.sop_class_uid, i.transfer_syntax_uid, i.content_hash, i.object_key, i.object_length,
        i.dataset_offset, i.stored_at, i.added_revision, i.changed_revision, i.object_checksum,
        EXISTS (SELECT 1 FROM damaged_object d WHERE d.object_key = i.object_key)
        """;

    public const int ColumnCount = 13;

    public static InstanceState Read(DbDataReader reader, int first) => new()
    {
        Id = new InstanceId(new SeriesInstanceUid(reader.GetString(first)), new SopInstanceUid(reader.GetString(first + 1))),
        SopClass = new SopClassUid(reader.GetString(first + 2)),
        TransferSyntaxUid = reader.GetString(first + 3),
        Hash = ContentHash.FromBytes(reader.GetFieldValue<byte[]>(first + 4)),
        Object = new ObjectKey(reader.GetString(first + 5)),
        ObjectLength = reader.GetInt64(first + 6),
        DataSetOffset = reader.GetInt64(first + 7),
        StoredAt = ColumnTime.FromColumn(reader.GetInt64(first + 8)),
        AddedRevision = reader.GetInt32(first + 9),
        ChangedRevision = reader.GetInt32(first + 10),
        ObjectChecksum = reader.IsDBNull(first + 11) ? null : unchecked((ulong)reader.GetInt64(first + 11)),
        IsDamaged = reader.GetBoolean(first + 12),
    };

    /// <summary>Reads the values of a column that encloses them.</summary>
    public static IReadOnlyList<string> Values(DbDataReader reader, int column)
        => reader.IsDBNull(column) ? [] : reader.GetString(column).Split(SearchValue.Delimiter, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads a blob; empty if it is null.</summary>
    public static ReadOnlyMemory<byte> Blob(DbDataReader reader, int column)
        => reader.IsDBNull(column) ? ReadOnlyMemory<byte>.Empty : reader.GetFieldValue<byte[]>(column);

    public static DicomDataset Attributes(DbDataReader reader, int column) => AttributeJson.Read(reader.GetFieldValue<byte[]>(column));
}
