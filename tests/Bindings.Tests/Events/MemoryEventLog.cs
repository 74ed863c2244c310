using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Events;

/// <summary>An event log in memory.</summary>
internal sealed class MemoryEventLog : IEventLog
{
    private readonly ConcurrentDictionary<(StudyKey, int), ReadOnlyMemory<byte>> _revisions = new();
    private readonly ConcurrentDictionary<long, LoggedEvent> _events = new();

    public string LogId => "log7";

    public void Add(StudyKey study, StudyRevisionEvent revision) => Add(study, revision.Revision, EventData.Pack(revision));

    public void Add(StudyKey study, int revision, ReadOnlyMemory<byte> data) => _revisions[(study, revision)] = data;

    public void Add(LoggedEvent logged) => _events[logged.Sequence] = logged;

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => Task.FromResult(_revisions.TryGetValue((study, revision), out ReadOnlyMemory<byte> data) ? data : (ReadOnlyMemory<byte>?)null);

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => Task.FromResult(_events.GetValueOrDefault(sequence));

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken)
        => Task.FromResult(new EventLogBounds(1, _events.Count));

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
        => throw new NotSupportedException("Targets look up single events.");

    public Task WaitAsync(long after, CancellationToken cancellationToken)
        => throw new NotSupportedException("Targets do not wait for events.");

    public Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        _events.Clear();
        _revisions.Clear();
        return Task.FromResult(0);
    }
}

/// <summary>The same addresses for all storage spaces.</summary>
internal sealed class FixedSpaces : IStorageSpaces
{
    public const string External = "https://images.example.org/wado-rs";

    public StorageSpace Find(ProviderName provider) => new("bucket", "http://inside:8080/wado-rs", External);
}
