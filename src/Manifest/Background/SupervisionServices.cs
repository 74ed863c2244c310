using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Manifest.Background;

/// <summary>Registers the supervision of a process.</summary>
public static class SupervisionServices
{
    /// <summary>May be called by everything that has a background loop; there is one supervision for all of them.</summary>
    public static IServiceCollection AddSupervision(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Supervision>();
        return services;
    }
}
