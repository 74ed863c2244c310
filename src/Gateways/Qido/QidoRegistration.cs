using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>Registers and maps QIDO-RS.</summary>
public static class QidoRegistration
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers the endpoint; needs a manifest query and what the gateways share.</summary>
    public static IServiceCollection AddQido(this IServiceCollection services)
    {
        services.AddHeaderBudget();
        services.TryAddSingleton(new QidoOptions());
        services.TryAddSingleton<QidoEndpoint>();
        return services;
    }

    /// <summary>Maps the six search paths of PS3.18 table 10.6.1-1 in the group of a service that retrieves.</summary>
    public static RouteGroupBuilder MapQido(this RouteGroupBuilder group)
    {
        QidoEndpoint endpoint = ((IEndpointRouteBuilder)group).ServiceProvider.GetRequiredService<QidoEndpoint>();
        group.MapMethods("/studies", Methods, endpoint.SearchStudiesAsync);
        group.MapMethods("/studies/{study}/series", Methods, endpoint.SearchSeriesAsync);
        group.MapMethods("/series", Methods, endpoint.SearchSeriesAsync);
        group.MapMethods("/studies/{study}/series/{series}/instances", Methods, endpoint.SearchInstancesAsync);
        group.MapMethods("/studies/{study}/instances", Methods, endpoint.SearchInstancesAsync);
        group.MapMethods("/instances", Methods, endpoint.SearchInstancesAsync);
        return group;
    }
}

/// <summary>
/// How many rows one search answers with. A Warning header announces the rest, which the client fetches with <c>offset</c>.
/// </summary>
public sealed record QidoOptions
{
    /// <summary>
    /// Rows of <c>/studies</c>, <c>/series</c> and <c>/instances</c> where the request names no limit. Searches within a study answer with
    /// <see cref="MaxLimit"/>.
    /// </summary>
    public int DefaultLimit { get; init; } = 1_000;

    /// <summary>The most rows of one answer, whatever the request asks for: a page is held in memory.</summary>
    public int MaxLimit { get; init; } = 10_000;
}
