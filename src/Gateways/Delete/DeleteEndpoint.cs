using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Gateways.Delete;

/// <summary>Deletes a study, series or instance: 204 after it is durable, 404 if there was nothing.</summary>
/// <remarks>The sweeper removes the objects a day later.</remarks>
internal sealed class DeleteEndpoint(IGrainFactory grains, ServedSpace space)
{
    private const int RetryAfterSeconds = 10;

    public async Task HandleAsync(HttpContext context)
    {
        if (!RouteUids.TryReadScope(context, space, out RetrieveScope? scope))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        try
        {
            int deleted = await grains.GetStudyGrain(scope.Study).DeleteAsync(
                new DeleteRequest(scope.Series, scope.Sop), context.RequestAborted);
            if (deleted > 0)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            await Problem.WriteAsync(context, 404, "Not found", "Nothing is stored under this path.");
        }
        catch (Exception exception) when (exception is ManifestUnavailableException or GrainOverloadedException)
        {
            await Problem.WriteAsync(
                context,
                503,
                "The manifest is not available",
                "Whether it was deleted is not known: delete again later.",
                RetryAfterSeconds);
        }
    }
}

/// <summary>Registers and maps DELETE of studies, series and instances.</summary>
public static class DeleteRegistration
{
    /// <summary>Registers the endpoint; needs the grains and what the gateways share.</summary>
    public static IServiceCollection AddDelete(this IServiceCollection services)
    {
        services.TryAddSingleton<DeleteEndpoint>();
        return services;
    }

    /// <summary>Maps the resource paths in the group of a service, because clients delete what they found there.</summary>
    public static RouteGroupBuilder MapDelete(this RouteGroupBuilder group)
    {
        DeleteEndpoint endpoint = ((IEndpointRouteBuilder)group).ServiceProvider.GetRequiredService<DeleteEndpoint>();
        group.MapDelete("/studies/{study}", endpoint.HandleAsync);
        group.MapDelete("/studies/{study}/series/{series}", endpoint.HandleAsync);
        group.MapDelete("/studies/{study}/series/{series}/instances/{instance}", endpoint.HandleAsync);
        return group;
    }
}
