using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Registers the change feed.</summary>
public static class ChangeFeedRoutes
{
    private const string Path = "/changefeed";

    private static readonly string[] Methods = [HttpMethods.Get];

    /// <summary>
    /// Needs an <see cref="IEventLog"/>; gives events the addresses of this server unless <see cref="IStorageSpaces"/> is registered.
    /// </summary>
    public static IServiceCollection AddChangeFeed(this IServiceCollection services, ImagingOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddStorageSpaces(options).AddSingleton(provider => new ChangeFeedServices(
            provider.GetRequiredService<IEventLog>(),
            provider.GetRequiredService<IStorageSpaces>(),
            options.Events,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<ILogger<ChangeFeedServices>>()));
    }

    /// <summary>Tells where storage spaces are reached, unless <see cref="IStorageSpaces"/> is registered.</summary>
    public static IServiceCollection AddStorageSpaces(this IServiceCollection services, ImagingOptions options)
    {
        services.TryAddSingleton<IStorageSpaces>(provider => new ServerStorageSpaces(options, provider.GetRequiredService<IServer>()));
        return services;
    }

    /// <summary>Maps <c>/changefeed</c> and <c>/changefeed/latest</c>.</summary>
    public static IEndpointRouteBuilder MapChangeFeed(this IEndpointRouteBuilder endpoints)
    {
        ChangeFeedServices services = endpoints.ServiceProvider.GetRequiredService<ChangeFeedServices>();
        RetrieveGuard guard = new(services.Logger);
        ChangeFeedEndpoint endpoint = new(services);
        endpoints.MapMethods(Path, Methods, context => guard.RunAsync(context, endpoint.ReadAsync));
        endpoints.MapMethods(Path + "/latest", Methods, context => guard.RunAsync(context, endpoint.TellBoundsAsync));
        return endpoints;
    }
}
