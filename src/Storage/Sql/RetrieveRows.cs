using System.Data.Common;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Collects the instances of a scope batch by batch.</summary>
/// <remarks>Each batch begins after the last row of the one before, so that no read is long.</remarks>
/// <param name="scope">What is retrieved.</param>
/// <param name="parts">What is read besides the state of the instances.</param>
/// <param name="join">How the store joins tables in the order in which they are written.</param>
/// <param name="content">The condition that <c>instance_content c</c> belongs to <c>instance i</c>.</param>
/// <param name="blobs">Reads slices of large blobs.</param>
internal sealed class RetrieveRows(RetrieveScope scope, StoredInstanceParts parts, string join, string content, BlobReader blobs)
{
    private const int BatchWithBlobs = 64;
    private const int BatchOfRows = 1000;

    /// <summary>A batch ends when its blobs hold so many bytes, however few rows it has.</summary>
    private const int MaxBatchBytes = 256 << 10;

    private const int Version = 3;
    private const int Study = 4;
    private const int Instance = 5;
    private const int Metadata = Instance + InstanceRow.ColumnCount;
    private const int Layout = Metadata + ContentBlob.ColumnCount;
    private const int LayoutHead = Layout + ContentBlob.ColumnCount;

    private readonly int _batchSize = (parts & (StoredInstanceParts.Metadata | StoredInstanceParts.Layout)) == StoredInstanceParts.None
        ? BatchOfRows
        : BatchWithBlobs;

    private List<StoredInstance> _batch = [];
    private (long Series, long Number, long Id) _start = (0, long.MinValue, 0);
    private (long Series, long Number, long Id) _last = (0, long.MinValue, 0);
    private int _bytes;
    private long _studyId;
    private long _seriesId;

    /// <summary>The study, and the series if there is one, have been found.</summary>
    public bool HasScope => _studyId != 0;

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The statement that finds study and series.</summary>
    public string ScopeSql => scope.Series is null
        ? "SELECT s.id, CAST(0 AS bigint) FROM study s WHERE s.study_uid = $1 AND s.provider = $2"
        : $"""
            SELECT s.id, r.id FROM study s {join} series r ON r.study_id = s.id AND r.series_uid = $3
            WHERE s.study_uid = $1 AND s.provider = $2
            """;

    public object?[] ScopeParameters => scope.Series is { } series
        ? [scope.Study.Study.Value, scope.Study.Provider.Value, series.Value]
        : [scope.Study.Study.Value, scope.Study.Provider.Value];

    /// <summary>The statement of one batch.</summary>
    /// <remarks>The study is a parameter, so that PostgreSQL plans and reads only its part of the table.</remarks>
    public string BatchSql { get; } = Sql(scope, parts, join, content);

    public object?[] BatchParameters => [_studyId, _last.Series, _last.Number, _last.Id, (long)_batchSize, _seriesId, scope.Sop?.Value];

    private bool IsFull => _batch.Count == _batchSize || _bytes >= MaxBatchBytes;

    /// <summary>Takes study and series from the row on which the reader stands.</summary>
    public void Enter(DbDataReader row) => (_studyId, _seriesId) = (row.GetInt64(0), row.GetInt64(1));

    /// <summary>Begins a batch, or begins it again after it was broken off.</summary>
    public void Begin()
    {
        _last = _start;
        _batch.Clear();
        _bytes = 0;
    }

    /// <summary>Takes the row on which the reader stands; returns false if that fills the batch.</summary>
    public bool Add(DbDataReader rows)
    {
        _last = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
        InstanceState state = InstanceRow.Read(rows, Instance);
        ContentBlob place = new("metadata", rows.GetInt64(Study), _last.Id, state.Object.Value);
        StoredBlob metadata = place.Read(rows, Metadata, blobs);
        StoredBlob layout = (place with { Column = "layout" }).Read(rows, Layout, blobs);
        _batch.Add(new StoredInstance(state, metadata, layout, rows.GetInt64(Version)) { LayoutHead = InstanceRow.Blob(rows, LayoutHead) });
        _bytes += ContentBlob.HeldBytes(metadata) + ContentBlob.HeldBytes(layout);
        return !IsFull;
    }

    /// <summary>Returns what was added since the last call; nothing if the scope does not exist.</summary>
    public IReadOnlyList<StoredInstance> TakeBatch()
    {
        List<StoredInstance> batch = _batch;
        IsFinished = !IsFull;
        _start = _last;
        _batch = [];
        _bytes = 0;
        return batch;
    }

    private static string Sql(RetrieveScope scope, StoredInstanceParts parts, string join, string content)
    {
        string metadata = parts.HasFlag(StoredInstanceParts.Metadata) ? ContentBlob.Columns("metadata") : ContentBlob.None;
        string layout = parts.HasFlag(StoredInstanceParts.Layout) ? ContentBlob.Columns("layout") : ContentBlob.None;
        string head = parts.HasFlag(StoredInstanceParts.Encoding)
            ? FormattableString.Invariant($"substr(c.layout, 1, {StoredEncoding.LayoutBytes})")
            : "NULL";
        string contents = parts == StoredInstanceParts.None ? "" : $"{join} instance_content c ON {content}";
        string series = scope.Series is null ? "CAST($6 AS bigint) = 0" : "i.series_id = CAST($6 AS bigint)";
        string sop = scope.Sop is null ? "CAST($7 AS text) IS NULL" : "i.sop_uid = CAST($7 AS text)";
        return $"""
            SELECT i.series_id, i.sort_number, i.id, s.version, i.study_id, {InstanceRow.Columns}, {metadata}, {layout}, {head}
            FROM instance i {join} study s ON s.id = $1 {join} series r ON r.id = i.series_id {contents}
            WHERE i.study_id = $1 AND {series} AND {sop} AND (i.series_id, i.sort_number, i.id) > ($2, $3, $4)
            ORDER BY i.series_id, i.sort_number, i.id
            LIMIT $5
            """;
    }
}
