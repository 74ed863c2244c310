using System.Data.Common;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Manifest.Retrieve;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// Collects the instances of a scope batch by batch, each going on after the last row of the one before, so that no read is long.
/// </summary>
internal sealed class RetrieveRows(StoredInstanceParts parts, BlobReader blobs)
{
    private const int BatchWithBlobs = 64;
    private const int BatchOfRows = 1000;

    /// <summary>A batch ends when its blobs hold so many bytes, however few rows they are.</summary>
    private const int MaxBatchBytes = 256 << 10;

    private const int Version = 3;
    private const int Study = 4;
    private const int Instance = 5;
    private const int Metadata = Instance + InstanceRow.ColumnCount;
    private const int Layout = Metadata + ContentBlob.ColumnCount;
    private const int LayoutHead = Layout + ContentBlob.ColumnCount;

    private List<StoredInstance> _batch = [];
    private (long Series, long Number, long Id) _start = (0, long.MinValue, 0);
    private int _bytes;

    public int BatchSize { get; } = (parts & (StoredInstanceParts.Metadata | StoredInstanceParts.Layout)) == StoredInstanceParts.None
        ? BatchOfRows
        : BatchWithBlobs;

    /// <summary>Where the next batch begins.</summary>
    public (long Series, long Number, long Id) Last { get; private set; } = (0, long.MinValue, 0);

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished { get; private set; }

    private bool IsFull => _batch.Count == BatchSize || _bytes >= MaxBatchBytes;

    /// <summary>
    /// The statement of one batch: <c>$1</c> is the study, <c>$2</c> to <c>$4</c> are <see cref="Last"/>, <c>$5</c> is
    /// <see cref="BatchSize"/>, <c>$6</c> and <c>$7</c> the series and the SOP Instance UID that the scope may name.
    /// </summary>
    /// <param name="parts">What is read besides the instances.</param>
    /// <param name="joins">
    /// How <c>study s</c>, <c>series r</c> and, where there are parts, <c>instance_content c</c> are found from <c>instance i</c>.
    /// </param>
    /// <param name="isInScope">The condition on series and instance.</param>
    public static string Sql(StoredInstanceParts parts, string joins, string isInScope)
    {
        string metadata = parts.HasFlag(StoredInstanceParts.Metadata) ? ContentBlob.Columns("metadata") : ContentBlob.None;
        string layout = parts.HasFlag(StoredInstanceParts.Layout) ? ContentBlob.Columns("layout") : ContentBlob.None;
        string head = parts.HasFlag(StoredInstanceParts.Encoding)
            ? FormattableString.Invariant($"substr(c.layout, 1, {StoredEncoding.LayoutBytes})") : "NULL";
        return $"""
            SELECT i.series_id, i.sort_number, i.id, s.version, i.study_id, {InstanceRow.Columns}, {metadata}, {layout}, {head}
            FROM instance i
            {joins}
            WHERE i.study_id = $1 AND {isInScope} AND (i.series_id, i.sort_number, i.id) > ($2, $3, $4)
            ORDER BY i.series_id, i.sort_number, i.id
            LIMIT $5
            """;
    }

    /// <summary>Begins a batch, again where one was broken off.</summary>
    public void Begin()
    {
        Last = _start;
        _batch.Clear();
        _bytes = 0;
    }

    /// <summary>Takes the row that the reader stands on; false when the batch is full with it.</summary>
    public bool Add(DbDataReader rows)
    {
        Last = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
        InstanceState state = InstanceRow.Read(rows, Instance);
        ContentBlob place = new("metadata", rows.GetInt64(Study), Last.Id, state.Object.Value);
        StoredBlob metadata = place.Read(rows, Metadata, blobs);
        StoredBlob layout = (place with { Column = "layout" }).Read(rows, Layout, blobs);
        _batch.Add(new StoredInstance(state, metadata, layout, rows.GetInt64(Version)) { LayoutHead = InstanceRow.Blob(rows, LayoutHead) });
        _bytes += ContentBlob.HeldBytes(metadata) + ContentBlob.HeldBytes(layout);
        return !IsFull;
    }

    /// <summary>What was added since the last call; of a scope that is not there, nothing.</summary>
    public IReadOnlyList<StoredInstance> TakeBatch()
    {
        List<StoredInstance> batch = _batch;
        IsFinished = !IsFull;
        _start = Last;
        _batch = [];
        _bytes = 0;
        return batch;
    }
}
