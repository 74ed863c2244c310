using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Registers and maps the change feed.</summary>
public static class ChangeFeedRegistration
{
    /// <summary>Registers the endpoint; needs an <see cref="IEventLog"/>.</summary>
    public static IServiceCollection AddChangeFeed(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ChangeFeedWait>();
        services.TryAddSingleton<ChangeFeedEndpoint>();
        return services.AddStorageSpaces();
    }

    /// <summary>Registers where storage spaces are reached, unless <see cref="IStorageSpaces"/> is registered.</summary>
    public static IServiceCollection AddStorageSpaces(this IServiceCollection services)
    {
        services.TryAddSingleton<IStorageSpaces, ServerStorageSpaces>();
        return services;
    }

    /// <summary>Maps <c>/changefeed</c> and <c>/changefeed/latest</c>.</summary>
    public static IEndpointRouteBuilder MapChangeFeed(this IEndpointRouteBuilder endpoints)
    {
        ChangeFeedEndpoint endpoint = endpoints.ServiceProvider.GetRequiredService<ChangeFeedEndpoint>();
        RouteGroupBuilder group = endpoints.MapGroup("/changefeed");
        group.MapGet("", endpoint.ReadAsync);
        group.MapGet("/latest", endpoint.ShowBoundsAsync);
        return endpoints;
    }
}
