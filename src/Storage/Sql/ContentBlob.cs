using System.Data.Common;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The place of a blob of <c>instance_content</c>.</summary>
/// <param name="Column">Its column.</param>
/// <param name="StudyId">The number of the study.</param>
/// <param name="InstanceId">The number of the instance.</param>
/// <param name="ObjectKey">The object that the instance had: with another object it has another blob.</param>
internal sealed record ContentBlob(string Column, long StudyId, long InstanceId, string ObjectKey)
{
    /// <summary>The two columns of a blob: its length, and its bytes if they are few.</summary>
    public const int ColumnCount = 2;

    /// <summary>The columns of a blob that was not asked for.</summary>
    public const string None = "NULL, NULL";

    /// <summary>Returns the columns to select of the table <c>instance_content c</c>.</summary>
    public static string Columns(string column)
        => $"length(c.{column}), CASE WHEN length(c.{column}) <= {StoredBlob.LargestInRow} THEN c.{column} END";

    /// <summary>Returns how many bytes of the blob the row holds.</summary>
    public static int HeldBytes(StoredBlob blob) => blob.Length <= StoredBlob.LargestInRow ? (int)blob.Length : 0;

    /// <summary>Makes the blob from the columns that <see cref="Columns"/> selects.</summary>
    public StoredBlob Read(DbDataReader rows, int first, BlobReader reader)
        => rows.IsDBNull(first) ? StoredBlob.Empty
            : rows.IsDBNull(first + 1)
                ? new StoredBlob(rows.GetInt32(first), (offset, target, token) => reader(this, offset, target, token))
                : new StoredBlob(rows.GetFieldValue<byte[]>(first + 1));

    /// <summary>Returns the error for a blob that no longer exists.</summary>
    public static ManifestUnavailableException Replaced() => new("The instance was replaced or deleted while it was read: ask again.");
}

/// <summary>Reads a slice of a blob into memory; returns how many bytes there were.</summary>
internal delegate ValueTask<int> BlobReader(ContentBlob blob, long offset, Memory<byte> target, CancellationToken cancellationToken);
