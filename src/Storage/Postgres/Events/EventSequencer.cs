using ImagingIngestion.Grains;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>
/// Gives committed events their numbers (design D5). Every process that commits runs one; the database lets one work at a time, in short
/// transactions of its own. A commit here wakes it; those of a process that died are found by its slow look.
/// </summary>
/// <param name="pool">Where connections come from.</param>
/// <param name="signal">Hears of numbered events.</param>
/// <param name="timeProvider">Paces the rounds.</param>
internal sealed class EventSequencer(NpgsqlDataSource pool, EventSignal signal, TimeProvider timeProvider) : IAsyncDisposable
{
    private const int MaxEventsPerRound = 5000;

    private const string NumberSql = "SELECT numbered, latest FROM imaging.number_events_1($1)";

    /// <summary>Between two rounds while there is work: what is committed meanwhile shares a round.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    /// <summary>Another process numbers: it may have looked before the commit that woke this one.</summary>
    private static readonly TimeSpan WhileOthersWork = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan WhileIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _committed = new(timeProvider);
    private readonly Signal _pause = new(timeProvider);
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

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
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task<(int? Numbered, long Latest)> NumberAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(NumberSql, connection).With(MaxEventsPerRound);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Read(rows);
    }

    private static (int? Numbered, long Latest) Read(NpgsqlDataReader row) => row.IsDBNull(0) ? (null, 0) : (row.GetInt32(0), row.GetInt64(1));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                switch (await NumberAsync(cancellationToken).ConfigureAwait(false))
                {
                    case null:
                        await _pause.WaitAsync(WhileOthersWork, cancellationToken).ConfigureAwait(false);
                        break;
                    case > 0:
                        await _pause.WaitAsync(Breath, cancellationToken).ConfigureAwait(false);
                        break;
                    default:
                        await _committed.WaitAsync(WhileIdle, cancellationToken).ConfigureAwait(false);
                        break;
                }
            }
            catch (ManifestUnavailableException)
            {
                await _pause.WaitAsync(AfterFailure, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
