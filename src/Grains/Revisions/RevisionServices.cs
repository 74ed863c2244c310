using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Revisions;

/// <summary>Registers what closes revisions and keeps the event log within its age.</summary>
public static class RevisionServices
{
    /// <summary>
    /// Closes due revisions in this process; needs the grains and an <see cref="IRevisionQueue"/>. Registered after the grains, so that it
    /// stops before them.
    /// </summary>
    public static IServiceCollection AddRevisions(this IServiceCollection services, RevisionOptions options)
        => services
            .AddSupervision()
            .AddSingleton(options)
            .AddSingleton<RevisionCloser>()
            .AddHostedService<RevisionScheduler>();

    /// <summary>Removes old events; needs an <see cref="IEventLog"/>.</summary>
    public static IServiceCollection AddEventRetention(this IServiceCollection services, EventOptions options)
        => options.Retention is not { } age
            ? services
            : services.AddHostedService(provider => new EventRetention(
                provider.GetRequiredService<IEventLog>(),
                age,
                provider.GetRequiredService<Supervision>(),
                provider.GetRequiredService<ILogger<EventRetention>>()));
}
