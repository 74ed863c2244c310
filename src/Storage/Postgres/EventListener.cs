using System.Globalization;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Listens for events that other processes have numbered.</summary>
/// <remarks>A notification is only a hint: the listener also looks at intervals, and connects again after it lost its connection.</remarks>
/// <param name="pool">Where its connection comes from.</param>
/// <param name="signal">Wakes callers that wait for events.</param>
/// <param name="supervision">Starts it again when it fails.</param>
internal sealed class EventListener(NpgsqlDataSource pool, EventSignal signal, Supervision supervision) : IAsyncDisposable
{
    private const string ListenSql = "LISTEN imaging_events";
    private const string LatestSql = "SELECT latest FROM event_log";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly SupervisedLoop _loop = supervision.Loop("hearing of numbered events", BetweenLooks);
    private Task _running = Task.CompletedTask;

    public void Start()
        => _running = Task.Run(() => _loop.RunAsync(token => PostgresConnections.RunAsync(pool, ListenAsync, token), _stop.Token));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Ends only with an exception.</summary>
    private async Task<bool> ListenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        connection.Notification += (_, notification) => Raise(notification.Payload);
        await using NpgsqlCommand listen = new(ListenSql, connection);
        await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlCommand look = new(LatestSql, connection);
        while (true)
        {
            long known = signal.Latest;
            signal.Follow(
                known, await look.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long? ?? throw EventLogFaults.Missing());
            _loop.Succeed();
            await connection.WaitAsync(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Raise(string payload)
    {
        if (long.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out long latest))
        {
            signal.Raise(latest);
        }
    }
}
