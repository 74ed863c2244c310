using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>The manifest in one SQLite file, for one process (design D6).</summary>
public sealed class SqliteManifestStore : IManifestStore, IManifestQuery, IBacklog, IAsyncDisposable
{
    /// <summary>Grains read through threads of their own, so that a slow search does not hold up ingest.</summary>
    private const int GrainReaders = 2;
    private const int GrainCacheKibibytes = 4096;
    private const int QueryReaders = 3;
    private const int QueryCacheKibibytes = 16384;

    /// <summary>Large blobs are read with connections of their own: they would drive everything else out of the cache, and no page of them is read twice.</summary>
    private const int BlobReaders = 2;
    private const int BlobCacheKibibytes = 512;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaderPool _grainReaders;
    private readonly SqliteReaderPool _queryReaders;
    private readonly SqliteReaderPool _blobReaders;
    private readonly TimeProvider _timeProvider;

    private SqliteManifestStore(
        string installationId, SqliteWriter writer, SqliteReaderPool grainReaders, SqliteReaderPool queryReaders, SqliteReaderPool blobReaders, SqliteEventLog events, TimeProvider timeProvider)
    {
        _writer = writer;
        _grainReaders = grainReaders;
        _queryReaders = queryReaders;
        _blobReaders = blobReaders;
        _timeProvider = timeProvider;
        Revisions = new SqliteRevisionQueue(writer, grainReaders, timeProvider);
        Events = events;
        RemovedBindings removed = new();
        Deliveries = new SqliteDeliveryQueue(writer, grainReaders, removed, timeProvider);
        Bindings = new SqliteBindingAdministration(writer, queryReaders, removed, timeProvider);
        Commitments = new SqliteCommitmentQueue(writer, grainReaders, timeProvider);
        Sweep = new SqliteSweepLedger(installationId, writer, queryReaders, timeProvider);
        Damaged = new SqliteDamagedObjects(writer, timeProvider);
        Content = new SqliteContentLedger(writer, queryReaders);
        Index = new SqliteSearchIndex(writer, queryReaders);
    }

    /// <summary>The due times of revisions, in the same file.</summary>
    public IRevisionQueue Revisions { get; }

    /// <summary>The events of all commits, in the same file.</summary>
    public IEventLog Events { get; }

    /// <summary>The deliveries of bindings, in the same file.</summary>
    public IDeliveryQueue Deliveries { get; }

    /// <summary>The bindings as operators see them.</summary>
    public IBindingAdministration Bindings { get; }

    /// <summary>The requests for storage commitment, in the same file.</summary>
    public ICommitmentQueue Commitments { get; }

    /// <summary>What the sweeper knows, in the same file.</summary>
    public ISweepLedger Sweep { get; }

    /// <summary>The objects that were found damaged, in the same file.</summary>
    public IDamagedObjects Damaged { get; }

    /// <summary>What a check of the content reads and notes.</summary>
    public IContentLedger Content { get; }

    /// <summary>The values that searches read.</summary>
    public ISearchIndex Index { get; }

    /// <summary>Opens it for who has no log and no health.</summary>
    public static SqliteManifestStore Open(string path, TimeProvider timeProvider) => Open(path, Supervision.Of(timeProvider));

    /// <summary>Opens the database file, creates it where it is missing and brings it to the newest schema. Blocks; meant for the start of a process.</summary>
    /// <exception cref="ManifestUnavailableException">The file cannot be opened or is locked, or a newer version of the program has written it.</exception>
    public static SqliteManifestStore Open(string path, Supervision supervision)
    {
        TimeProvider timeProvider = supervision.Time;
        SqliteConnection? connection = null;
        try
        {
            CreateFolder(path);
            SqliteConnections connections = new(path);
            connection = connections.OpenWriter();
            SqliteMigrations.Apply(connection, timeProvider);
            string installationId = SqliteConnections.ReadText(connection, "SELECT id FROM installation");
            string logId = SqliteConnections.ReadText(connection, "SELECT id || '-' || epoch FROM installation");
            EventSignal signal = new(SqliteConnections.ReadNumber(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'"));
            SqliteReaderPool grainReaders = new(connections, GrainReaders, GrainCacheKibibytes);
            SqliteReaderPool queryReaders = new(connections, QueryReaders, QueryCacheKibibytes);
            SqliteReaderPool blobReaders = new(connections, BlobReaders, BlobCacheKibibytes);
            SqliteWriter writer = new(connection, timeProvider, signal);
            connection = null;
            return new SqliteManifestStore(installationId, writer, grainReaders, queryReaders, blobReaders, new SqliteEventLog(logId, writer, queryReaders, signal), timeProvider);
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.ToUnavailable(exception);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw new ManifestUnavailableException("The folder of the manifest database cannot be created; check its path and permissions.", exception);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    public Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateQueries.LoadStudy(reader, key), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateQueries.LoadInstances(reader, key, ids), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateQueries.ListInstances(reader, key, series), cancellationToken);

    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(session => RevisionQueries.LoadContent(session, key, revision), cancellationToken);

    public Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
        => _writer.CommitAsync([.. group.Select(change => new PreparedStudyChange(change))], cancellationToken);

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        return _queryReaders.RunAsync(reader => SearchQuery.Run(reader, request, ReadBlobAsync), cancellationToken);
    }

    public Task<IReadOnlyList<InstanceState>> FindInstancesAsync(ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken)
    {
        string[] uids = [.. instances.Select(instance => instance.Value).Distinct()];
        return _queryReaders.RunAsync(reader => InstanceSearch.Find(reader, provider, uids), cancellationToken);
    }

    /// <summary>Events have their numbers from their commit on.</summary>
    public Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken)
        => _queryReaders.RunAsync(reader => new Backlog(null, DueRevisions.OldestAge(reader, ColumnTime.Now(_timeProvider))), cancellationToken);

    public async IAsyncEnumerable<StoredInstance> RetrieveAsync(
        RetrieveScope scope, StoredInstanceParts parts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetrieveQuery query = new(scope, parts, ReadBlobAsync);
        while (!query.IsFinished)
        {
            foreach (StoredInstance instance in await _queryReaders.RunAsync(query.ReadBatch, cancellationToken).ConfigureAwait(false))
            {
                yield return instance;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _blobReaders.DisposeAsync().ConfigureAwait(false);
        await _queryReaders.DisposeAsync().ConfigureAwait(false);
        await _grainReaders.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    private ValueTask<int> ReadBlobAsync(ContentBlob blob, long offset, Memory<byte> target, CancellationToken cancellationToken)
        => new(_blobReaders.RunAsync(reader => BlobQuery.Read(reader, blob, offset, target.Span), cancellationToken));

    private static void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            DurableFolders.CreateAndSync(folder, new PosixDiskSync());
        }
    }
}
