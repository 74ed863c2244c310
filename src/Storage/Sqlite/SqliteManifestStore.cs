using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The manifest in one SQLite file, for one process (docs/design.md, "Two stores, one manifest model").</summary>
public sealed partial class SqliteManifestStore : IManifestStore, IManifestQuery, IStoreHealth, IBacklog, IAsyncDisposable
{
    /// <summary>Grains read with threads of their own, so that a slow search does not delay ingest.</summary>
    private const int GrainReaders = 2;
    private const int GrainCacheKibibytes = 4096;
    private const int QueryReaders = 3;
    private const int QueryCacheKibibytes = 4096;

    /// <summary>Large blobs are read with connections of their own.</summary>
    /// <remarks>No page of them is read twice, and they would push everything else out of the cache.</remarks>
    private const int BlobReaders = 2;
    private const int BlobCacheKibibytes = 512;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaderPool _grainReaders;
    private readonly SqliteReaderPool _queryReaders;
    private readonly SqliteReaderPool _blobReaders;
    private readonly TimeProvider _timeProvider;
    private readonly SqliteFaults _faults;

    private SqliteManifestStore(SqliteConnections connections, SqliteConnection connection, Supervision supervision)
    {
        _timeProvider = supervision.Time;
        TimeProvider timeProvider = supervision.Time;
        string installationId = SqliteConnections.ReadText(connection, "SELECT id FROM installation");
        string logId = SqliteConnections.ReadText(connection, "SELECT id || '-' || epoch FROM installation");
        EventSignal signal = new(
            SqliteConnections.ReadNumber(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'"));
        SqliteClock clock = new(timeProvider);
        _faults = new SqliteFaults(supervision.Loggers.CreateLogger<SqliteManifestStore>());
        supervision.Watch("manifest database", () => _faults.Damage);
        SqliteReaderPool grainReaders = _grainReaders = new SqliteReaderPool(connections, GrainReaders, GrainCacheKibibytes, _faults);
        SqliteReaderPool queryReaders = _queryReaders = new SqliteReaderPool(connections, QueryReaders, QueryCacheKibibytes, _faults);
        _blobReaders = new SqliteReaderPool(connections, BlobReaders, BlobCacheKibibytes, _faults);
        SqliteWriter writer = _writer = new SqliteWriter(connection, timeProvider, signal, _faults);
        Revisions = new SqliteRevisionQueue(writer, grainReaders, timeProvider, clock);
        Events = new SqliteEventLog(logId, writer, queryReaders, signal);
        RemovedBindings removed = new();
        Deliveries = new SqliteDeliveryQueue(writer, grainReaders, removed, timeProvider, clock);
        Bindings = new SqliteBindingAdministration(writer, queryReaders, removed, timeProvider);
        Commitments = new SqliteCommitmentQueue(writer, grainReaders, timeProvider, clock);
        Sweep = new SqliteSweepLedger(installationId, writer, queryReaders, timeProvider);
        Damaged = new SqliteDamagedObjects(writer, timeProvider);
        Content = new SqliteContentLedger(writer, queryReaders);
        Index = new SqliteSearchIndex(writer, queryReaders);
    }

    /// <summary>The lock on the file, held while this process serves from it.</summary>
    private FileStream? Serving { get; init; }

    /// <summary>The due times of revisions, in the same file.</summary>
    public IRevisionQueue Revisions { get; }

    /// <summary>The events of all commits, in the same file.</summary>
    public IEventLog Events { get; }

    /// <summary>The deliveries of bindings, in the same file.</summary>
    public IDeliveryQueue Deliveries { get; }

    /// <summary>The view that operators have of bindings.</summary>
    public IBindingAdministration Bindings { get; }

    /// <summary>The requests for storage commitment, in the same file.</summary>
    public ICommitmentQueue Commitments { get; }

    /// <summary>The state that the sweeper needs, in the same file.</summary>
    public ISweepLedger Sweep { get; }

    /// <summary>The objects that were found damaged, in the same file.</summary>
    public IDamagedObjects Damaged { get; }

    /// <summary>The state that checks of the content need.</summary>
    public IContentLedger Content { get; }

    /// <summary>The index values that searches read.</summary>
    public ISearchIndex Index { get; }

    /// <summary>The damage that reads and writes have met; null if none is known.</summary>
    public string? Damage => _faults.Damage;

    /// <summary>Opens the store without log and health.</summary>
    public static SqliteManifestStore Open(string path, TimeProvider timeProvider)
        => Open(new SqliteManifestOptions(path), Supervision.Of(timeProvider));

    /// <summary>Opens the database file, creates it if it is missing, and brings it to the newest schema.</summary>
    /// <remarks>Blocks; meant for the start of a process.</remarks>
    /// <exception cref="ManifestUnavailableException">
    /// The file cannot be opened, is locked or damaged, another process serves from it, or a newer version of the program has written it;
    /// or it is empty beside objects of another installation.
    /// </exception>
    public static SqliteManifestStore Open(SqliteManifestOptions options, Supervision supervision)
    {
        FileStream? serving = null;
        SqliteConnection? connection = null;
        ILogger logger = supervision.Loggers.CreateLogger<SqliteManifestStore>();
        try
        {
            CreateFolder(options.Path);
            serving = options.Serves ? SqliteGuard.Lock(options.Path) : null;
            bool wasLeftOpen = options.Serves && SqliteGuard.WasLeftOpen(options.Path);
            SqliteConnections connections = new(options.Path);
            connection = connections.OpenWriter();
            if (wasLeftOpen)
            {
                LogCheck(logger);
                SqliteGuard.Check(connection);
            }

            SqliteMigrations.Apply(connection, supervision.Time);
            new SqliteClock(supervision.Time).Begin(new SqliteSession(connection));
            if (options.Serves)
            {
                SqliteGuard.RefuseForeignObjects(connection, options);
            }

            SqliteManifestStore store = new(connections, connection, supervision) { Serving = serving };
            connection = null;
            serving = null;
            return store;
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.ToUnavailable(exception);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw new ManifestUnavailableException(
                "The folder of the manifest database cannot be created; check its path and permissions.", exception);
        }
        finally
        {
            connection?.Dispose();
            serving?.Dispose();
        }
    }

    public Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateReads.LoadStudy(reader, key), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateReads.LoadInstances(reader, key, ids), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateReads.ListInstances(reader, key, series), cancellationToken);

    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(session => RevisionReads.LoadContent(session, key, revision), cancellationToken);

    public Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
        => _writer.CommitAsync([.. group.Select(change => new PreparedStudyChange(change))], cancellationToken);

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        return _queryReaders.RunAsync(reader => SearchReads.Run(reader, request, ReadBlobAsync), cancellationToken);
    }

    public Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken)
    {
        string[] uids = [.. instances.Select(instance => instance.Value).Distinct()];
        return _queryReaders.RunAsync(reader => SearchReads.FindInstances(reader, provider, uids), cancellationToken);
    }

    /// <summary>Events get their numbers at their commit, so none waits for one.</summary>
    public Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken)
        => _queryReaders.RunAsync(
            reader => new Backlog(null, DueRevisions.OldestAge(reader, ColumnTime.Now(_timeProvider))), cancellationToken);

    public async IAsyncEnumerable<StoredInstance> RetrieveAsync(
        RetrieveScope scope, StoredInstanceParts parts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetrieveReads query = new(scope, parts, ReadBlobAsync);
        while (!query.IsFinished)
        {
            foreach (StoredInstance instance in await _queryReaders.RunAsync(query.ReadBatch, cancellationToken).ConfigureAwait(false))
            {
                yield return instance;
            }
        }
    }

    /// <summary>Reads the manifest in the queue of searches.</summary>
    public Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken)
        => _queryReaders.RunAsync(
            reader => reader.Statement("SELECT id FROM installation", 0).RunScalar() is null ? "The manifest database is empty." : null,
            cancellationToken);

    /// <summary>Waits for its turn, and takes the lock that every write takes.</summary>
    public Task<string?> FindWritingFaultAsync(CancellationToken cancellationToken)
        => _writer.RunAsync(_ => default(string?), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _blobReaders.DisposeAsync().ConfigureAwait(false);
        await _queryReaders.DisposeAsync().ConfigureAwait(false);
        await _grainReaders.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        if (Serving is { } serving)
        {
            await serving.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ValueTask<int> ReadBlobAsync(ContentBlob blob, long offset, Memory<byte> target, CancellationToken cancellationToken)
        => new(_blobReaders.RunAsync(reader => BlobReads.Read(reader, blob, offset, target.Span), cancellationToken));

    private static void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            DurableFolders.CreateAndSync(folder, new PosixDiskSync());
        }
    }

    [LoggerMessage(2331, LogLevel.Information, "The manifest database was not closed cleanly; it is checked for damage once")]
    private static partial void LogCheck(ILogger logger);
}

/// <summary>How a manifest database is opened.</summary>
/// <param name="Path">The file.</param>
public sealed record SqliteManifestOptions(string Path)
{
    /// <summary>The process takes instances in: no other process may do so with the same file.</summary>
    /// <remarks>A command may open the file at the same time.</remarks>
    public bool Serves { get; init; }

    /// <summary>
    /// The folder of the objects, if they are in one: an empty manifest is refused beside objects of another installation.
    /// </summary>
    public string? ObjectsFolder { get; init; }

    /// <summary>An empty manifest beside objects of another installation is intended.</summary>
    public bool BeginsAnew { get; init; }
}
