using System.Buffers;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Ingest;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Storage.Bench;

/// <summary>Makes studies of CT instances and commits them.</summary>
/// <remarks>
/// Each instance takes the way of a received file up to its commit, so that its rows are those of ingest. But no object is kept, a commit
/// has several whole studies, and no revision opens. A server that starts on the manifest has nothing to catch up on.
/// </remarks>
internal static class StudyFill
{
    public const int InstancesPerStudy = 100;

    private const int StudiesPerCommit = 5;
    private const int CommitsAtOnce = 4;

    /// <summary>A run number that the load generator chooses only once in a million times.</summary>
    private const int Run = BenchUid.RunEnd - 1;

    private static readonly ProviderName Provider = new("default");

    public static Task RunAsync(IManifestStore store, int studies, CancellationToken cancellationToken)
    {
        InstanceTemplate template = CtTemplate.Create(frames: 1, CtTemplate.SmallSide);
        ParallelOptions options = new() { MaxDegreeOfParallelism = CommitsAtOnce, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(Enumerable.Range(0, studies).Chunk(StudiesPerCommit), options, async (numbers, token) =>
        {
            List<StudyChange> group = [];
            foreach (int number in numbers)
            {
                group.Add(await MakeAsync(template, number, token));
            }

            IReadOnlyList<StudyCommitResult> results = await store.CommitAsync(group, token);
            if (results.Any(result => result != StudyCommitResult.Committed))
            {
                throw new InvalidDataException("The manifest holds these studies already: fill an empty one.");
            }
        });
    }

    private static async Task<StudyChange> MakeAsync(InstanceTemplate template, int number, CancellationToken cancellationToken)
    {
        IngestLimits limits = new();
        CollectingGrain study = new();
        NoObjects objects = new();
        InstanceCommit commit = new(
            objects,
            study,
            new ContentComparer(objects, limits.Reader),
            new DamageReports(objects, NullLogger<DamageReports>.Instance),
            TimeProvider.System,
            NullLogger<InstanceCommit>.Instance);
        InstanceIngest ingest = new(
            objects, commit, limits, new HeaderBudget(limits), TimeProvider.System, NullLogger<InstanceIngest>.Instance);
        InstanceWriter writer = new(template, Run, InstancesPerStudy);
        for (int index = 0; index < InstancesPerStudy; index++)
        {
            byte[] file = writer.ToFile(((long)number * InstancesPerStudy) + index);
            StoreResult result = await ingest.StoreAsync(new MemorySource(file), new IngestContext(Provider), cancellationToken);
            if (!result.IsStored)
            {
                throw new InvalidDataException($"A generated instance is refused: {result.Detail}");
            }
        }

        return study.TakeChange();
    }
}

/// <summary>A file in memory as the source of an instance.</summary>
internal sealed class MemorySource(byte[] file) : IInstanceSource
{
    private bool _isRead;

    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ReadOnlySequence<byte> next = _isRead ? default : new ReadOnlySequence<byte>(file);
        _isRead = true;
        return ValueTask.FromResult(next);
    }

    public bool EndsRequest(Exception exception) => false;
}

/// <summary>One new study that decides about its instances like every study, but collects all of them for one commit.</summary>
internal sealed class CollectingGrain : IGrainFactory, IStudyGrain
{
    private static readonly RevisionTiming NoRevision = new(TimeSpan.Zero, TimeSpan.Zero);

    private StudyGrain? _study;

    public IStudyGrain GetStudyGrain(StudyKey key)
    {
        _study ??= new StudyGrain(key, stored: null, DuplicatePolicy.Replace, NoRevision, TimeProvider.System);
        return this;
    }

    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
        => Task.FromResult(_study!.Store(arrival, known: null));

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Returns the stored instances, without a revision to close.</summary>
    public StudyChange TakeChange() => _study!.TakeChange()! with { Timing = null };
}

/// <summary>An object store that accepts everything and keeps nothing, because filling a manifest needs no objects.</summary>
internal sealed class NoObjects : IObjectStore, IDamagedObjects
{
    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => Task.FromResult<IObjectUpload>(new Upload());

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => Task.FromResult<StoredObject?>(null);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => Task.CompletedTask;

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
        => AsyncEnumerable.Empty<StoredObject>();

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed class Upload : IObjectUpload
    {
        public ObjectKey? Key { get; set; }

        public long Length { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            Length += block.Length;
            return ValueTask.CompletedTask;
        }

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
