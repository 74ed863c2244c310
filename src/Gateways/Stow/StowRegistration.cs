using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>Registers the ingest pipeline and what STOW-RS works with.</summary>
public static class StowRegistration
{
    /// <summary>
    /// Needs an object store, the list of damaged objects, the sweep ledger, whose installation id begins all keys, the grains and
    /// <see cref="DicomWebOptions"/>.
    /// </summary>
    public static IServiceCollection AddStow(this IServiceCollection services, IngestOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new IngestLimits
        {
            KeyPrefix = provider.GetRequiredService<ISweepLedger>().InstallationId,
            BufferBudget = provider.GetService<ImagingOptions>()?.Bucket?.UploadMemory ?? IngestLimits.DefaultBufferBudget,
            KeepPreamble = options.KeepPreamble,
            MinRate = options.MinRate,
            RateWindow = options.RateWindow,
            MaxPlaces = provider.GetService<OpenFileShares>()?.Uploads ?? int.MaxValue,
        });
        services.AddUploadMemory();
        services.TryAddSingleton(new StowOptions
        {
            MaxRequestBytes = options.MaxStowSize == 0 ? null : options.MaxStowSize,
            RequestDeadline = options.RequestDeadline,
            IdleTimeout = options.IdleTimeout,
        });
        services.TryAddSingleton(provider => new UploadAdmission(
            options.MaxConcurrentUploads,
            provider.GetRequiredService<IngestLimits>(),
            provider.GetRequiredService<UploadMemory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHeaderBudget();
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton(provider => new InstanceIngest(
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<DamageReports>(),
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

    private static void AddUploadMemory(this IServiceCollection services) => services.TryAddSingleton(provider =>
    {
        IngestLimits limits = provider.GetRequiredService<IngestLimits>();
        return new UploadMemory(
            Math.Max(limits.BufferBudget, limits.HeldBytes), limits.AdmissionWait, provider.GetRequiredService<TimeProvider>());
    });
}
