using ImagingIngestion.Manifest.Retrieve;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads the instances of a scope batch by batch.</summary>
internal sealed class RetrieveQuery(RetrieveScope scope, StoredInstanceParts parts, BlobReader blobs)
{
    private const string StudySql = "SELECT id FROM study WHERE study_uid = $1 AND provider = $2";
    private const string SeriesSql = "SELECT id FROM series WHERE series_uid = $1 AND study_id = $2";

    private readonly RetrieveRows _rows = new(parts, blobs);
    private readonly string _sql = BatchSql(scope, parts);
    private long _studyId;
    private long? _onlySeries;

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished => _rows.IsFinished;

    public IReadOnlyList<StoredInstance> ReadBatch(SqliteSession reader)
    {
        if (_studyId == 0 && !FindScope(reader))
        {
            return _rows.TakeBatch();
        }

        using SqliteDataReader rows = reader.Statement(_sql, 7)
            .Query(_studyId, _rows.Last.Series, _rows.Last.Number, _rows.Last.Id, _rows.BatchSize, _onlySeries, scope.Sop?.Value);
        while (rows.Read() && _rows.Add(rows))
        {
        }

        return _rows.TakeBatch();
    }

    private static string BatchSql(RetrieveScope scope, StoredInstanceParts parts)
    {
        string contents = parts == StoredInstanceParts.None ? "" : "CROSS JOIN instance_content c ON c.instance_id = i.id";
        string series = scope.Series is null ? "$6 IS NULL" : "i.series_id = $6";
        string sop = scope.Sop is null ? "$7 IS NULL" : "i.sop_uid = $7";
        return RetrieveRows.Sql(
            parts, $"CROSS JOIN study s ON s.id = i.study_id CROSS JOIN series r ON r.id = i.series_id {contents}", $"{series} AND {sop}");
    }

    private bool FindScope(SqliteSession reader)
    {
        _studyId = (long?)reader.Statement(StudySql, 2).RunScalar(scope.Study.Study.Value, scope.Study.Provider.Value) ?? 0;
        if (_studyId != 0 && scope.Series is { } series)
        {
            _onlySeries = (long?)reader.Statement(SeriesSql, 2).RunScalar(series.Value, _studyId);
            return _onlySeries is not null;
        }

        return _studyId != 0;
    }
}
