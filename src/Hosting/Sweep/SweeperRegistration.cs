using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Registers the sweeper of a storage space.</summary>
public static class SweeperRegistration
{
    /// <summary>
    /// Needs an object store and an <see cref="ISweepLedger"/>. Registered before whatever takes instances in, so that it starts before
    /// that and stops behind it.
    /// </summary>
    public static IServiceCollection AddSweeper(this IServiceCollection services, ProviderName space, SweeperOptions options)
    {
        services.AddSupervision();
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton<ContentShares>();
        services.AddSingleton<SweeperStatus>();
        services.AddWorkCheck("sweeper", provider => new SweeperCheck(provider.GetRequiredService<SweeperStatus>()));
        return services.AddHostedService(provider => new Sweeper(
            provider.GetRequiredService<ISweepLedger>(),
            provider.GetRequiredService<IObjectStore>(),
            space,
            options,
            provider.GetRequiredService<SweeperStatus>(),
            provider.GetRequiredService<Supervision>(),
            provider.GetRequiredService<ILogger<Sweeper>>())
        {
            Shares = provider.GetRequiredService<ContentShares>(),
        });
    }
}
