using System.Data.Common;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Collects the events of one page of the log.</summary>
internal sealed class EventRows(EventQuery query)
{
    /// <summary>
    /// A page ends when its data exceed this, however many events were asked for: a revision of a large study has hundreds of kilobytes.
    /// </summary>
    public const int MaxPageBytes = 1 << 20;

    /// <summary>The most rows that one read looks at, so that a filter that matches little does not make it long.</summary>
    private const int MaxScan = 4096;

    private readonly List<LoggedEvent> _events = [];
    private long _bytes;

    /// <summary>The highest number that this read looks at.</summary>
    public long Through { get; } = query.After > long.MaxValue - MaxScan ? long.MaxValue : query.After + MaxScan;

    /// <summary>A bit for each type that is asked for.</summary>
    public int Types { get; } = query.Types.Count == 0 ? int.MaxValue : query.Types.Aggregate(0, (mask, type) => mask | (1 << (int)type));

    /// <summary>Whatever follows is of the next page.</summary>
    public bool IsFull => _events.Count == query.Limit || _bytes >= MaxPageBytes;

    /// <summary>Takes the row that the reader stands on.</summary>
    public void Add(DbDataReader rows)
    {
        LoggedEvent read = EventRow.Read(rows);
        _events.Add(read);
        _bytes += read.Content.Data.Length;
    }

    public EventPage ToPage(EventLogBounds bounds)
        => new(_events, IsFull ? _events[^1].Sequence : Math.Max(Math.Min(bounds.Latest, Through), query.After), bounds, IsExpired: false);
}
