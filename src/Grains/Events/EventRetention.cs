using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Events;

/// <summary>Removes events past their retention, a batch at a time, so that ingest never waits long for it.</summary>
internal sealed partial class EventRetention(IEventLog log, TimeSpan age, Supervision supervision, ILogger<EventRetention> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(100);

    private readonly SupervisedLoop _loop = supervision.Loop("removal of old events", LongestInterval);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.RunAsync(RemoveAsync, stoppingToken);

    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        TimeSpan interval = TimeSpan.FromTicks(Math.Clamp(age.Ticks / 10, ShortestInterval.Ticks, LongestInterval.Ticks));
        while (true)
        {
            int removed = await log.RemoveOlderAsync(supervision.Time.GetUtcNow() - age, cancellationToken);
            if (removed > 0)
            {
                LogRemoved(removed);
            }

            _loop.Succeed();
            await _loop.PauseAsync(removed > 0 ? PauseBetweenBatches : interval, cancellationToken);
        }
    }

    [LoggerMessage(3050, LogLevel.Debug, "Removed {Count} events past their retention")]
    private partial void LogRemoved(int count);
}

/// <summary>Registers the removal of old events.</summary>
public static class EventRetentionRegistration
{
    /// <summary>Adds the removal of old events; needs an <see cref="IEventLog"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="retention">The age up to which events are kept; null keeps all.</param>
    public static IServiceCollection AddEventRetention(this IServiceCollection services, TimeSpan? retention)
        => retention is not { } age
            ? services
            : services.AddHostedService(provider => new EventRetention(
                provider.GetRequiredService<IEventLog>(),
                age,
                provider.GetRequiredService<Supervision>(),
                provider.GetRequiredService<ILogger<EventRetention>>()));
}
