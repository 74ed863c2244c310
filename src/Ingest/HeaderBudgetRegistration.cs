using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Ingest;

/// <summary>Registers the one budget of the process.</summary>
public static class HeaderBudgetRegistration
{
    public static IServiceCollection AddHeaderBudget(this IServiceCollection services)
    {
        services.TryAddSingleton(
            provider => new HeaderBudget(provider.GetService<IngestLimits>() ?? new IngestLimits(), provider.GetService<TimeProvider>()));
        return services;
    }
}
