using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Retrieve;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite.Deliveries;
using ImagingIngestion.Storage.Sqlite.Events;
using ImagingIngestion.Storage.Sqlite.Revisions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The manifest in one SQLite file, for one process (design D6).</summary>
public sealed partial class SqliteManifestStore : IManifestStore, IManifestQuery, IStoreHealth, IBacklog, IAsyncDisposable
{
    /// <summary>Grains read through threads of their own, so that a slow search does not hold up ingest.</summary>
    private const int GrainReaders = 2;
    private const int GrainCacheKibibytes = 4096;
    private const int QueryReaders = 3;
    private const int QueryCacheKibibytes = 4096;

    /// <summary>
    /// Large blobs are read with connections of their own: they would drive everything else out of the cache, and no page of them is read
    /// twice.
    /// </summary>
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

    /// <summary>Held open while this process serves from the file.</summary>
    private FileStream? Serving { get; init; }

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

    /// <summary>What is damaged, as reads and writes have met it; null where nothing is known to be.</summary>
    public string? Damage => _faults.Damage;

    /// <summary>Opens it for who has no log and no health.</summary>
    public static SqliteManifestStore Open(string path, TimeProvider timeProvider)
        => Open(new SqliteManifestOptions(path), Supervision.Of(timeProvider));

    /// <summary>
    /// Opens the database file, creates it where it is missing and brings it to the newest schema. Blocks; meant for the start of a
    /// process.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">
    /// The file cannot be opened, is locked, damaged or served from by another process, or a newer version of the program has written it;
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
        => _grainReaders.RunAsync(reader => StateQueries.LoadStudy(reader, key), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => _grainReaders.RunAsync(reader => StateQueries.LoadInstances(reader, key, ids), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
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

    public Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken)
    {
        string[] uids = [.. instances.Select(instance => instance.Value).Distinct()];
        return _queryReaders.RunAsync(reader => InstanceSearch.Find(reader, provider, uids), cancellationToken);
    }

    /// <summary>Events have their numbers from their commit on.</summary>
    public Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken)
        => _queryReaders.RunAsync(
            reader => new Backlog(null, DueRevisions.OldestAge(reader, ColumnTime.Now(_timeProvider))), cancellationToken);

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

    /// <summary>Reads the manifest with those who search it.</summary>
    public Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken)
        => _queryReaders.RunAsync(
            reader => reader.Statement("SELECT id FROM installation", 0).RunScalar() is null ? "The manifest database is empty." : null,
            cancellationToken);

    /// <summary>Waits its turn, and takes the lock that every write takes.</summary>
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
        => new(_blobReaders.RunAsync(reader => BlobQuery.Read(reader, blob, offset, target.Span), cancellationToken));

    private static void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            DurableFolders.CreateAndSync(folder, new PosixDiskSync());
        }
    }

    [LoggerMessage(2331, LogLevel.Information, "The manifest database was not closed cleanly; it is read through once for damage")]
    private static partial void LogCheck(ILogger logger);
}

/// <summary>How a manifest database is opened.</summary>
/// <param name="Path">The file.</param>
public sealed record SqliteManifestOptions(string Path)
{
    /// <summary>It is opened to take instances in: no other process may do the same. A command that looks at it opens it beside.</summary>
    public bool Serves { get; init; }

    /// <summary>
    /// The folder of the objects, where they are kept in one: an empty manifest is refused beside objects of another installation.
    /// </summary>
    public string? ObjectsFolder { get; init; }

    /// <summary>An empty manifest beside objects of others is meant.</summary>
    public bool BeginsAnew { get; init; }
}

/// <summary>Reads a slice of a blob where it lies: a statement would read all of it for each slice.</summary>
internal static class BlobQuery
{
    private const string IsCurrentSql = "SELECT 1 FROM instance WHERE id = $1 AND object_key = $2";

    /// <summary>Keys are never used again, so a key that still stands after the slice was read says that the slice belongs to it.</summary>
    public static int Read(SqliteSession reader, ContentBlob blob, long offset, Span<byte> target)
    {
        int count = reader.ReadBlob("instance_content", blob.Column, blob.InstanceId, offset, target);
        return count >= 0 && reader.Statement(IsCurrentSql, 2).RunScalar(blob.InstanceId, blob.ObjectKey) is not null
            ? count
            : throw ContentBlob.Replaced();
    }
}

/// <summary>Runs a search and reads its page.</summary>
internal static class SearchQuery
{
    public static SearchPage Run(SqliteSession reader, SearchRequest request, BlobReader blobs)
    {
        SearchRows page = new(request, blobs);
        if (SearchSql.Build(request) is { } sql)
        {
            using SqliteDataReader results = reader.Statement(sql.Text, sql.Parameters.Count).Query([.. sql.Parameters]);
            while (results.Read() && page.Add(results))
            {
            }
        }

        return page.ToPage();
    }
}
