using ImagingIngestion.Grains;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>Removes events that are older than they must be kept, a batch at a time so that ingest never waits long for it.</summary>
internal sealed partial class EventRetention(IEventLog log, EventOptions options, TimeProvider time, ILogger<EventRetention> logger) : BackgroundService
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Retention is not { } age)
        {
            return;
        }

        TimeSpan interval = TimeSpan.FromTicks(Math.Clamp(age.Ticks / 10, ShortestInterval.Ticks, LongestInterval.Ticks));
        while (!stoppingToken.IsCancellationRequested)
        {
            int removed = await TryRemoveAsync(age, stoppingToken);
            using PeriodicTimer timer = new(removed > 0 ? Breath : interval, time);
            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    private async Task<int> TryRemoveAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        try
        {
            int removed = await log.RemoveOlderAsync(time.GetUtcNow() - age, cancellationToken);
            if (removed > 0)
            {
                LogRemoved(logger, removed);
            }

            return removed;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogUnavailable(logger, error);
            return 0;
        }
    }
}
