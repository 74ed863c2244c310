using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Events;

/// <summary>
/// Gives committed events their numbers (design D5). Every process that commits runs one; the database lets one work at a time, in short
/// transactions of its own. A commit here wakes it; those of a process that died are found by its slow look.
/// </summary>
/// <param name="pool">Where connections come from.</param>
/// <param name="signal">Hears of numbered events.</param>
/// <param name="supervision">Goes on with it when it fails.</param>
internal sealed class EventSequencer(NpgsqlDataSource pool, EventSignal signal, Supervision supervision) : IAsyncDisposable
{
    private const int MaxEventsPerRound = 5000;

    private const string NumberSql = "SELECT numbered, latest FROM imaging.number_events_1($1)";

    private const string OldestSql = "SELECT now_us() - e.occurred_at FROM event_inbox e ORDER BY e.id LIMIT 1";

    /// <summary>Between two rounds while there is work: what is committed meanwhile shares a round.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    /// <summary>Another process numbers: it may have looked before the commit that woke this one.</summary>
    private static readonly TimeSpan WhileOthersWork = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan WhileIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Others that are at work for so long, while an event waits for as long, do not work.</summary>
    private static readonly TimeSpan LongestWorkOfOthers = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _committed = new(supervision.Time);
    private readonly SupervisedLoop _loop = supervision.Loop("numbering of events", AfterFailure);
    private Task _running = Task.CompletedTask;
    private long? _othersSince;

    public void Start() => _running = Task.Run(() => _loop.RunAsync(RunAsync, _stop.Token));

    /// <summary>There may be events without a number.</summary>
    public void Wake() => _committed.Raise();

    /// <summary>One round. Answers how many events it numbered; null when another sequencer was at work.</summary>
    /// <exception cref="ManifestUnavailableException">The database cannot be reached.</exception>
    public async Task<int?> NumberAsync(CancellationToken cancellationToken)
    {
        (int? numbered, long latest) = await PostgresConnections.RunAsync(pool, NumberAsync, cancellationToken).ConfigureAwait(false);
        if (numbered is not null)
        {
            signal.Raise(latest);
        }

        return numbered;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task<(int? Numbered, long Latest)> NumberAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = new NpgsqlCommand(NumberSql, connection).With(MaxEventsPerRound);
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
            return Read(rows);
        }
        catch (PostgresException exception) when (EventLogFaults.Of(exception) is { } fault)
        {
            throw fault;
        }
    }

    private static (int? Numbered, long Latest) Read(NpgsqlDataReader row)
        => row.IsDBNull(0) ? (null, 0) : row.IsDBNull(1) ? throw EventLogFaults.Missing() : (row.GetInt32(0), row.GetInt64(1));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int? numbered = await NumberAsync(cancellationToken).ConfigureAwait(false);
            if (numbered is null)
            {
                await LookAtOthersAsync(cancellationToken).ConfigureAwait(false);
                await _loop.PauseAsync(WhileOthersWork, cancellationToken).ConfigureAwait(false);
                continue;
            }

            _othersSince = null;
            _loop.Succeed();
            if (numbered > 0)
            {
                await _loop.PauseAsync(Breath, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _committed.WaitAsync(WhileIdle, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// The lock is open to every session of the database: one that is forgotten would stop all events, and nobody would hear of it.
    /// </summary>
    private async Task LookAtOthersAsync(CancellationToken cancellationToken)
    {
        _othersSince ??= supervision.Time.GetTimestamp();
        if (supervision.Time.GetElapsedTime(_othersSince.Value) < LongestWorkOfOthers)
        {
            return;
        }

        TimeSpan? oldest = await pool.ReadDelayAsync(OldestSql, cancellationToken).ConfigureAwait(false);
        if (oldest >= LongestWorkOfOthers)
        {
            throw EventLogFaults.Held(oldest.Value);
        }

        _othersSince = null;
        _loop.Succeed();
    }
}
