using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Gives committed events their numbers (docs/design.md, "Events").</summary>
/// <remarks>
/// Every process that commits runs a sequencer. The database lets one work at a time, in short transactions of its own. A commit of this
/// process wakes it. Commits of a process that died are found when it looks by itself.
/// </remarks>
/// <param name="pool">Where connections come from.</param>
/// <param name="signal">Wakes callers that wait for events.</param>
/// <param name="supervision">Starts it again when it fails.</param>
internal sealed class EventSequencer(NpgsqlDataSource pool, EventSignal signal, Supervision supervision) : IAsyncDisposable
{
    private const int MaxEventsPerRound = 5000;

    private const string NumberSql = "SELECT numbered, latest FROM imaging.number_events_1($1)";

    private const string OldestSql = "SELECT now_us() - e.occurred_at FROM event_inbox e ORDER BY e.id LIMIT 1";

    /// <summary>The pause between two rounds while there is work: everything committed in the meantime shares a round.</summary>
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(10);

    /// <summary>The pause while another process numbers: that process may have looked before the commit that woke this one.</summary>
    private static readonly TimeSpan WhileOthersWork = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan WhileIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>If another process holds the lock for so long while an event waits for as long, it does not work.</summary>
    private static readonly TimeSpan LongestWorkOfOthers = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _committed = new(supervision.Time);
    private readonly SupervisedLoop _loop = supervision.Loop("numbering of events", AfterFailure);
    private Task _running = Task.CompletedTask;
    private long? _othersSince;

    public void Start() => _running = Task.Run(() => _loop.RunAsync(RunAsync, _stop.Token));

    /// <summary>Notes that there may be events without a number.</summary>
    public void Wake() => _committed.Raise();

    /// <summary>Runs one round; returns how many events it numbered, or null if another sequencer was at work.</summary>
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
                await _loop.PauseAsync(BetweenRounds, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _committed.WaitAsync(WhileIdle, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Fails if the lock is held but no event gets a number.</summary>
    /// <remarks>Every session of the database can take the lock. A forgotten one would stop all events without anybody noticing.</remarks>
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
