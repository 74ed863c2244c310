using ImagingIngestion.Bindings;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Background;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Registers the bindings of a process, and maps what operators see and change of them.</summary>
public static class BindingRegistration
{
    internal const string Path = "/bindings";

    /// <summary>
    /// Registers the declared bindings and their endpoints; needs the delivery queue, the event log and storage
    /// spaces.
    /// </summary>
    public static IServiceCollection AddBindings(this IServiceCollection services)
    {
        return services
            .AddSupervision()
            .AddSingleton(provider => new OutgoingConnections(
                provider.GetRequiredService<IOptions<BindingsOptions>>().Value.Declared.Sum(binding => 2L * binding.Concurrency)))
            .AddSingleton<BindingTargets>()
            .AddSingleton<BindingEndpoint>()
            .AddSingleton<DeadLetterEndpoint>()
            .AddHostedService<BindingHost>();
    }

    /// <summary>Maps <c>/bindings</c>.</summary>
    public static IEndpointRouteBuilder MapBindings(this IEndpointRouteBuilder endpoints)
    {
        BindingEndpoint bindings = endpoints.ServiceProvider.GetRequiredService<BindingEndpoint>();
        DeadLetterEndpoint letters = endpoints.ServiceProvider.GetRequiredService<DeadLetterEndpoint>();
        endpoints.MapGet(Path, bindings.ListAsync);

        RouteGroupBuilder binding = endpoints.MapGroup(Path + "/{binding}");
        binding.MapGet("", bindings.ShowAsync);
        binding.MapPost("/pause", bindings.PauseAsync);
        binding.MapPost("/resume", bindings.ResumeAsync);
        binding.MapDelete("", bindings.RemoveAsync);

        RouteGroupBuilder dead = binding.MapGroup("/dead-letters");
        dead.MapGet("", letters.ListAsync);
        dead.MapGet("/{id}", letters.ShowAsync);
        dead.MapPost("/replay", letters.ReplayAsync);
        dead.MapPost("/{id}/replay", letters.ReplayAsync);
        dead.MapDelete("", letters.DropAsync);
        dead.MapDelete("/{id}", letters.DropAsync);
        return endpoints;
    }
}
