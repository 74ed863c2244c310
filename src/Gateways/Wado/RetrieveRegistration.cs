using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Registers what QIDO-RS and WADO-RS work with.</summary>
public static class RetrieveRegistration
{
    /// <summary>
    /// Needs an object store, a manifest query and <see cref="DicomWebOptions"/>; takes <see cref="QidoOptions"/> and
    /// <see cref="WadoOptions"/> where they are registered.
    /// </summary>
    public static IServiceCollection AddRetrieve(this IServiceCollection services)
    {
        services.AddHeaderBudget().TryAddSingleton(new QidoOptions());
        services.TryAddSingleton(new WadoOptions());
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton<VerifiedObjects>();
        services.TryAddSingleton(provider => new RetrieveServices
        {
            Manifest = provider.GetRequiredService<IManifestQuery>(),
            Objects = provider.GetRequiredService<VerifiedObjects>(),
            Logger = provider.GetRequiredService<ILogger<RetrieveServices>>(),
            Web = provider.GetRequiredService<DicomWebOptions>(),
            Headers = provider.GetRequiredService<HeaderBudget>(),
            Qido = provider.GetRequiredService<QidoOptions>(),
            Wado = provider.GetRequiredService<WadoOptions>(),
        });
        return services;
    }
}
