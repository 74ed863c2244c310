using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>Reads the instances of a scope batch by batch, each going on after the last row of the one before, so that no read is long.</summary>
internal sealed class RetrieveQuery(RetrieveScope scope, StoredInstanceParts parts)
{
    private const int BatchWithBlobs = 64;
    private const int BatchOfRows = 1000;

    private const string StudySql = "SELECT id FROM study WHERE study_uid = $1 AND provider = $2";
    private const string SeriesSql = "SELECT id FROM series WHERE series_uid = $1 AND study_id = $2";

    private readonly int _batch = parts == StoredInstanceParts.None ? BatchOfRows : BatchWithBlobs;
    private readonly string _sql = BatchSql(scope, parts);
    private long _studyId;
    private long? _onlySeries;
    private (long Series, long Number, long Id) _last = (0, long.MinValue, 0);

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished { get; private set; }

    public List<StoredInstance> ReadBatch(SqliteSession reader)
    {
        List<StoredInstance> instances = [];
        if (_studyId == 0 && !FindScope(reader))
        {
            IsFinished = true;
            return instances;
        }

        using SqliteDataReader rows = reader.Statement(_sql, 7).Query(_studyId, _last.Series, _last.Number, _last.Id, _batch, _onlySeries, scope.Sop?.Value);
        while (rows.Read())
        {
            _last = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
            instances.Add(new StoredInstance(
                InstanceRow.Read(rows, 4),
                InstanceRow.Blob(rows, 4 + InstanceRow.ColumnCount),
                InstanceRow.Blob(rows, 5 + InstanceRow.ColumnCount),
                rows.GetInt64(3)));
        }

        IsFinished = instances.Count < _batch;
        return instances;
    }

    private static string BatchSql(RetrieveScope scope, StoredInstanceParts parts)
    {
        string metadata = parts.HasFlag(StoredInstanceParts.Metadata) ? "c.metadata" : "NULL";
        string layout = parts.HasFlag(StoredInstanceParts.Layout) ? "c.layout" : "NULL";
        string contents = parts == StoredInstanceParts.None ? "" : "CROSS JOIN instance_content c ON c.instance_id = i.id";
        string series = scope.Series is null ? "$6 IS NULL" : "i.series_id = $6";
        string sop = scope.Sop is null ? "$7 IS NULL" : "i.sop_uid = $7";
        return $"""
            SELECT i.series_id, i.sort_number, i.id, s.version, {InstanceRow.Columns}, {metadata}, {layout}
            FROM instance i
            CROSS JOIN study s ON s.id = i.study_id
            CROSS JOIN series r ON r.id = i.series_id
            {contents}
            WHERE i.study_id = $1 AND {series} AND {sop} AND (i.series_id, i.sort_number, i.id) > ($2, $3, $4)
            ORDER BY i.series_id, i.sort_number, i.id
            LIMIT $5
            """;
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
