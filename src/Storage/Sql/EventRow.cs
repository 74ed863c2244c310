using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads events of the log.</summary>
internal static class EventRow
{
    /// <summary>
    /// The columns of the tables <c>event e</c>, <c>study s</c> and, if the event closes a revision, <c>study_revision r</c>.
    /// </summary>
    public const string Columns = "e.sequence, e.occurred_at, s.provider, s.study_uid, e.type, e.series_uid, e.sop_uid, e.change, "
        + "e.revision, e.modalities, e.calling_ae, e.object_key, coalesce(e.data, r.data)";

    /// <summary>The data of the revision <c>$3</c> of a study.</summary>
    public const string RevisionSql = """
        SELECT r.data FROM study s JOIN study_revision r ON r.study_id = s.id AND r.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    /// <summary>Returns a number in which bit n is set for the type with the number n.</summary>
    public static int Mask(IEnumerable<EventType> types) => types.Aggregate(0, (mask, type) => mask | (1 << (int)type));

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

/// <summary>Collects the events of one page of the log.</summary>
internal sealed class EventRows(EventQuery query)
{
    /// <summary>A page ends when its data exceed this, however many events were asked for.</summary>
    /// <remarks>The revision of a large study has hundreds of kilobytes.</remarks>
    public const int MaxPageBytes = 1 << 20;

    /// <summary>The most rows that one read looks at: a filter that matches little must not make a read long.</summary>
    private const int MaxScan = 4096;

    private readonly List<LoggedEvent> _events = [];
    private long _bytes;

    /// <summary>The highest number that this read looks at.</summary>
    public long Through { get; } = query.After > long.MaxValue - MaxScan ? long.MaxValue : query.After + MaxScan;

    /// <summary>A bit for each type that was asked for.</summary>
    public int Types { get; } = query.Types.Count == 0 ? int.MaxValue : EventRow.Mask(query.Types);

    /// <summary>The next event belongs to the next page.</summary>
    public bool IsFull => _events.Count == query.Limit || _bytes >= MaxPageBytes;

    /// <summary>Takes the row on which the reader stands.</summary>
    public void Add(DbDataReader rows)
    {
        LoggedEvent read = EventRow.Read(rows);
        _events.Add(read);
        _bytes += read.Content.Data.Length;
    }

    public EventPage ToPage(EventLogBounds bounds)
        => new(_events, IsFull ? _events[^1].Sequence : Math.Max(Math.Min(bounds.Latest, Through), query.After), bounds, IsExpired: false);
}
