using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads a slice of a blob where it lies: a statement would read all of it for each slice.</summary>
internal static class BlobQuery
{
    private const string IsCurrentSql = "SELECT 1 FROM instance WHERE id = $1 AND object_key = $2";

    /// <summary>Keys are never used again, so a key that still stands after the slice was read says that the slice belongs to it.</summary>
    public static int Read(SqliteSession reader, ContentBlob blob, long offset, Span<byte> target)
    {
        int count = reader.ReadBlob("instance_content", blob.Column, blob.InstanceId, offset, target);
        return count >= 0 && reader.Statement(IsCurrentSql, 2).RunScalar(blob.InstanceId, blob.ObjectKey) is not null ? count : throw ContentBlob.Replaced();
    }
}
