using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads the instances of a scope batch by batch.</summary>
internal sealed class RetrieveReads(RetrieveScope scope, StoredInstanceParts parts, BlobReader blobs)
{
    private readonly RetrieveRows _rows = new(scope, parts, "CROSS JOIN", "c.instance_id = i.id", blobs);

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished => _rows.IsFinished;

    public IReadOnlyList<StoredInstance> ReadBatch(SqliteSession reader)
    {
        _rows.Begin();
        if (!_rows.HasScope && !FindScope(reader))
        {
            return _rows.TakeBatch();
        }

        object?[] values = _rows.BatchParameters;
        using SqliteDataReader rows = reader.Statement(_rows.BatchSql, values.Length).Query(values);
        while (rows.Read() && _rows.Add(rows))
        {
        }

        return _rows.TakeBatch();
    }

    private bool FindScope(SqliteSession reader)
    {
        object?[] values = _rows.ScopeParameters;
        using SqliteDataReader rows = reader.Statement(_rows.ScopeSql, values.Length).Query(values);
        bool isThere = rows.Read();
        if (isThere)
        {
            _rows.Enter(rows);
        }

        return isThere;
    }
}

/// <summary>Reads a slice of a blob in place: a statement would read the whole blob for each slice.</summary>
internal static class BlobReads
{
    private const string IsCurrentSql = "SELECT 1 FROM instance WHERE id = $1 AND object_key = $2";

    /// <summary>Reads a slice.</summary>
    /// <remarks>Keys are never used again. If the key still stands after the slice was read, the slice belongs to it.</remarks>
    public static int Read(SqliteSession reader, ContentBlob blob, long offset, Span<byte> target)
    {
        int count = reader.ReadBlob("instance_content", blob.Column, blob.InstanceId, offset, target);
        return count >= 0 && reader.Statement(IsCurrentSql, 2).RunScalar(blob.InstanceId, blob.ObjectKey) is not null
            ? count
            : throw ContentBlob.Replaced();
    }
}
