using System.Globalization;
using ImagingIngestion.Grains;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>Hears of events that other processes have numbered. Only a hint: it also looks now and then, and connects again where the connection was lost.</summary>
/// <param name="pool">Where its connection comes from.</param>
/// <param name="signal">Hears of numbered events.</param>
/// <param name="timeProvider">Paces new connections.</param>
internal sealed class EventListener(NpgsqlDataSource pool, EventSignal signal, TimeProvider timeProvider) : IAsyncDisposable
{
    private const string ListenSql = "LISTEN imaging_events";
    private const string LatestSql = "SELECT latest FROM event_log";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _pause = new(timeProvider);
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await PostgresConnections.RunAsync(pool, ListenAsync, cancellationToken).ConfigureAwait(false);
            }
            catch (ManifestUnavailableException)
            {
                await _pause.WaitAsync(BetweenLooks, cancellationToken).ConfigureAwait(false);
            }
        }
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
            signal.Follow(known, (long)(await look.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
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
