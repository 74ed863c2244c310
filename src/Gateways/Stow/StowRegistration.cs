using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>Registers the ingest pipeline and what STOW-RS works with.</summary>
public static class StowRegistration
{
    /// <summary>Needs an object store, the grains and <see cref="DicomWebOptions"/>.</summary>
    public static IServiceCollection AddStow(this IServiceCollection services, IngestOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new IngestLimits
        {
            KeyPrefix = provider.GetService<ISweepLedger>()?.InstallationId ?? "",
            MinRate = options.MinRate,
            RateWindow = options.RateWindow,
            MaxPlaces = provider.GetService<OpenFileShares>()?.Uploads ?? int.MaxValue,
        });
        services.TryAddSingleton(new StowOptions
        {
            MaxRequestBytes = options.MaxStowSize == 0 ? null : options.MaxStowSize,
            RequestDeadline = options.RequestDeadline,
            IdleTimeout = options.IdleTimeout,
        });
        services.TryAddSingleton(provider => new UploadAdmission(options.MaxConcurrentUploads, provider.GetRequiredService<IngestLimits>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new HeaderBudget(provider.GetRequiredService<IngestLimits>()));
        services.TryAddSingleton(provider => new InstanceIngest(
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<IngestLimits>(),
            provider.GetRequiredService<HeaderBudget>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<InstanceIngest>>()));
        services.TryAddSingleton(provider => new StowServices
        {
            Ingest = provider.GetRequiredService<InstanceIngest>(),
            Admission = provider.GetRequiredService<UploadAdmission>(),
            Time = provider.GetRequiredService<TimeProvider>(),
            Logger = provider.GetRequiredService<ILogger<StowServices>>(),
            Web = provider.GetRequiredService<DicomWebOptions>(),
            Options = provider.GetRequiredService<StowOptions>(),
        });
        return services;
    }
}
