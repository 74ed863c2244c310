using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Ingest;

/// <summary>Registers the one way into the system, and the one memory budget of the process.</summary>
public static class IngestRegistration
{
    /// <summary>Registers <see cref="InstanceIngest"/>; needs its limits, the object store, damaged objects and the grains.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton(provider => new ContentComparer(
            provider.GetRequiredService<IObjectStore>(), provider.GetRequiredService<IngestLimits>().Reader));
        services.TryAddSingleton<InstanceCommit>();
        services.TryAddSingleton<InstanceIngest>();
        return services.AddHeaderBudget();
    }

    /// <summary>Registers the budget of headers and metadata, which searches and retrievals share.</summary>
    public static IServiceCollection AddHeaderBudget(this IServiceCollection services)
    {
        services.TryAddSingleton(
            provider => new HeaderBudget(provider.GetService<IngestLimits>() ?? new IngestLimits(), provider.GetService<TimeProvider>()));
        return services;
    }
}
