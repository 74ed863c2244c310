using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>
/// The manifest in a PostgreSQL database, for any number of processes (docs/design.md, "Two stores, one manifest model").
/// </summary>
public sealed class PostgresManifestStore : IManifestStore, IManifestQuery, IStoreHealth, IBacklog, IAsyncDisposable
{
    private readonly PostgresConnections _connections;
    private int _isDisposed;
    private readonly EventSequencer _sequencer;
    private readonly EventListener _listener;
    private readonly GroupWriter _writer;

    private PostgresManifestStore(PostgresConnections connections, string logId, Supervision supervision)
    {
        _connections = connections;
        EventSignal signal = new(latest: 0);
        _sequencer = new EventSequencer(connections.Background, signal, supervision);
        _listener = new EventListener(connections.Background, signal, supervision);
        _writer = new GroupWriter(connections.Grains, _sequencer.Wake, supervision.Time);
        Events = new PostgresEventLog(logId, connections, signal);
        Revisions = new PostgresRevisionQueue(connections.Grains);
        Deliveries = new PostgresDeliveryQueue(connections.Grains);
        Bindings = new PostgresBindingAdministration(connections.Grains);
        Commitments = new PostgresCommitmentQueue(connections.Grains);
        Silos = new PostgresSiloTable(connections.Grains);
        Sweep = new PostgresSweepLedger(logId[..logId.LastIndexOf('-')], connections.Grains);
        Damaged = new PostgresDamagedObjects(connections.Grains);
        Content = new PostgresContentLedger(connections.Grains);
        Index = new PostgresSearchIndex(connections.Grains);
    }

    /// <summary>The events of all commits, in the same database.</summary>
    public IEventLog Events { get; }

    /// <summary>The due times of revisions, in the same database.</summary>
    public IRevisionQueue Revisions { get; }

    /// <summary>The deliveries of bindings, in the same database.</summary>
    public IDeliveryQueue Deliveries { get; }

    /// <summary>The view that operators have of bindings.</summary>
    public IBindingAdministration Bindings { get; }

    /// <summary>The requests for storage commitment, in the same database.</summary>
    public ICommitmentQueue Commitments { get; }

    /// <summary>The silos that are alive.</summary>
    public ISiloTable Silos { get; }

    /// <summary>The state that the sweeper needs, in the same database.</summary>
    public ISweepLedger Sweep { get; }

    /// <summary>The objects that were found damaged, in the same database.</summary>
    public IDamagedObjects Damaged { get; }

    /// <summary>The state that checks of the content need.</summary>
    public IContentLedger Content { get; }

    /// <summary>The index values that searches read.</summary>
    public ISearchIndex Index { get; }

    /// <summary>Connects, checks the server's settings, and brings the schema to the newest version.</summary>
    /// <remarks>Meant for the start of a process.</remarks>
    /// <param name="options">Where the database is.</param>
    /// <param name="supervision">
    /// Runs the background loops and has the log. The clock of the database, not this one, decides what is due.
    /// </param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <exception cref="ManifestUnavailableException">The server cannot be reached or used; the message says what to change.</exception>
    public static async Task<PostgresManifestStore> OpenAsync(
        DatabaseOptions options, Supervision supervision, CancellationToken cancellationToken)
    {
        PostgresConnections connections = new(options, supervision.Loggers);
        try
        {
            string logId = await connections.PrepareAsync(cancellationToken).ConfigureAwait(false);
            PostgresManifestStore store = new(connections, logId, supervision);
            store._sequencer.Start();
            store._listener.Start();
            return store;
        }
        catch
        {
            await connections.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            _connections.Grains, (connection, token) => StateReads.LoadStudyAsync(connection, key, token), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            _connections.Grains, (connection, token) => StateReads.LoadInstancesAsync(connection, key, ids, token), cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            _connections.Grains, (connection, token) => StateReads.ListInstancesAsync(connection, key, series, token), cancellationToken);

    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            _connections.Grains,
            (connection, token) => RevisionReads.LoadContentAsync(connection, key, revision, token),
            cancellationToken);

    public Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
        => _writer.CommitAsync([.. group.Select(change => new PreparedStudyChange(change))], cancellationToken);

    public Task<StudyCommitResult> CommitAloneAsync(StudyChange change, CancellationToken cancellationToken)
        => _writer.CommitAloneAsync(new PreparedStudyChange(change), cancellationToken);

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        return PostgresConnections.ReadAsync(
            _connections.Queries,
            (connection, token) => SearchReads.RunAsync(connection, request, ReadBlobAsync, token),
            cancellationToken);
    }

    public Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken)
    {
        string[] uids = [.. instances.Select(instance => instance.Value).Distinct()];
        return PostgresConnections.ReadAsync(
            _connections.Queries,
            (connection, token) => SearchReads.FindInstancesAsync(connection, provider, uids, token),
            cancellationToken);
    }

    public Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(_connections.Queries, BacklogReads.MeasureAsync, cancellationToken);

    public async IAsyncEnumerable<StoredInstance> RetrieveAsync(
        RetrieveScope scope, StoredInstanceParts parts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetrieveReads reads = new(scope, parts, ReadBlobAsync);
        while (!reads.IsFinished)
        {
            foreach (StoredInstance instance in await PostgresConnections.ReadAsync(
                _connections.Queries, reads.ReadBatchAsync, cancellationToken).ConfigureAwait(false))
            {
                yield return instance;
            }
        }
    }

    public Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken)
        => _connections.FindReadingFaultAsync(cancellationToken);

    public Task<string?> FindWritingFaultAsync(CancellationToken cancellationToken)
        => _connections.FindWritingFaultAsync(cancellationToken);

    /// <summary>May be called again: a container disposes the store once for each port that it implements.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        _writer.Dispose();
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _sequencer.DisposeAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Numbers all committed events, or waits until another sequencer has done so.</summary>
    internal async Task NumberEventsAsync(CancellationToken cancellationToken)
    {
        while (await _sequencer.NumberAsync(cancellationToken).ConfigureAwait(false) is not 0)
        {
        }
    }

    private ValueTask<int> ReadBlobAsync(ContentBlob blob, long offset, Memory<byte> target, CancellationToken cancellationToken)
        => new(PostgresConnections.ReadAsync(
            _connections.Queries, (connection, token) => BlobReads.ReadAsync(connection, blob, offset, target, token), cancellationToken));
}

/// <summary>Measures the work that waits.</summary>
internal static class BacklogReads
{
    private const string Sql = """
        SELECT imaging.now_us() - (SELECT e.occurred_at FROM event_inbox e ORDER BY e.id LIMIT 1),
            imaging.now_us() - (SELECT o.due_at FROM open_revision o WHERE o.due_at <= imaging.now_us() ORDER BY o.due_at LIMIT 1)
        """;

    public static async Task<Backlog> MeasureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(Sql, connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new Backlog(Age(row, 0), Age(row, 1));
    }

    private static TimeSpan? Age(NpgsqlDataReader row, int column)
        => row.IsDBNull(column) ? null : TimeSpan.FromMicroseconds(Math.Max(0, row.GetInt64(column)));
}
