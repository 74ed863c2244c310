using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Registers and maps WADO-RS.</summary>
public static class WadoRegistration
{
    private const string Study = "/studies/{study}";
    private const string Series = Study + "/series/{series}";
    private const string Instance = Series + "/instances/{instance}";
    private const string Frames = Instance + "/frames/{frames}";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers the endpoints; needs an object store, a manifest query and what the gateways share.</summary>
    public static IServiceCollection AddWado(this IServiceCollection services)
    {
        services.AddHeaderBudget();
        services.TryAddSingleton(new WadoOptions());
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton<VerifiedObjects>();
        services.TryAddSingleton<FrameSender>();
        services.TryAddSingleton<WadoInstanceEndpoint>();
        services.TryAddSingleton<WadoMetadataEndpoint>();
        services.TryAddSingleton<WadoFramesEndpoint>();
        services.TryAddSingleton<WadoBulkDataEndpoint>();
        return services;
    }

    /// <summary>Maps the retrieve paths of PS3.18 tables 10.4.1-1 to 10.4.1-4 in the group of a service that retrieves.</summary>
    public static RouteGroupBuilder MapWado(this RouteGroupBuilder group)
    {
        IServiceProvider services = ((IEndpointRouteBuilder)group).ServiceProvider;
        WadoInstanceEndpoint instances = services.GetRequiredService<WadoInstanceEndpoint>();
        WadoMetadataEndpoint metadata = services.GetRequiredService<WadoMetadataEndpoint>();
        WadoBulkDataEndpoint bulkData = services.GetRequiredService<WadoBulkDataEndpoint>();
        foreach (string level in (string[])[Study, Series, Instance])
        {
            group.MapMethods(level, Methods, instances.HandleAsync);
            group.MapMethods(level + "/metadata", Methods, metadata.HandleAsync);
        }

        group.MapMethods(Frames, Methods, services.GetRequiredService<WadoFramesEndpoint>().HandleAsync);
        group.MapMethods(Instance + "/bulkdata/{**path}", Methods, bulkData.HandleAsync);
        group.MapMethods(Instance + "/pixeldata", Methods, bulkData.HandlePixelDataAsync);
        foreach (string resource in (string[])[Study, Series, Instance, Frames])
        {
            group.MapMethods(resource + "/rendered", Methods, WriteNotRenderedAsync);
            group.MapMethods(resource + "/thumbnail", Methods, WriteNotRenderedAsync);
        }

        // WADO-URI (PS3.18 section 9) is asked for at the root itself.
        group.MapMethods("", Methods, WriteRootAsync);
        return group;
    }

    private static Task WriteNotRenderedAsync(HttpContext context)
        => Problem.WriteAsync(
            context,
            501,
            "Not rendered here",
            "This service does not render images; retrieve /frames or the instance and render them at the client.");

    private static Task WriteRootAsync(HttpContext context)
        => context.Request.Query.ContainsKey("requestType")
            ? Problem.WriteAsync(
                context,
                501,
                "WADO-URI is not supported",
                "Retrieve the instance with WADO-RS: /studies/{study}/series/{series}/instances/{instance} below this path.")
            : Problem.WriteAsync(context, 404, "Not a resource", "Searches begin at /studies, /series and /instances below this path.");
}

/// <summary>Settings of the retrieve service.</summary>
public sealed record WadoOptions
{
    /// <summary>Limits for reading stored objects that must be re-encoded; never tighter than those that they were stored under.</summary>
    public DicomReaderOptions Reader { get; init; } = DicomReaderOptions.Default;

    /// <summary>The most frames that one request may name.</summary>
    public int MaxFramesPerRequest { get; init; } = 100_000;
}
