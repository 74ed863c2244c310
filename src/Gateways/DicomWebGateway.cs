using ImagingIngestion.Gateways.Delete;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>The DICOMweb gateway as a host sees it: what it needs, and where it answers.</summary>
public static class DicomWebGateway
{
    private const string StowRoot = "/stow-rs";
    private const string WadoRoot = "/wado-rs";
    private const string CommonRoot = "/dicom-web";

    /// <summary>Where instances are stored.</summary>
    internal static IReadOnlyList<string> StoringRoots { get; } = [StowRoot, CommonRoot];

    /// <summary>Registers the whole gateway; needs an object store, a manifest store and the grains.</summary>
    public static IServiceCollection AddDicomWebGateway(this IServiceCollection services, ImagingOptions options)
        => services
            .AddDicomWeb(options)
            .AddStow(options.Ingest)
            .AddRetrieve();

    /// <summary>Maps STOW-RS, QIDO-RS, WADO-RS and DELETE under their roots.</summary>
    public static IEndpointRouteBuilder MapDicomWebGateway(this IEndpointRouteBuilder endpoints)
        => endpoints.MapStowGateway().MapWadoGateway();

    /// <summary>Registers what every gateway over HTTP shares.</summary>
    internal static IServiceCollection AddDicomWeb(this IServiceCollection services, ImagingOptions options)
    {
        GatewayStartupFilter.Register(services, options);
        return services
            .AddSingleton(options)
            .AddSingleton(new DicomWebOptions { Provider = new ProviderName(options.Provider.Name), PublicUrl = options.Server.BaseUrl });
    }

    /// <summary>
    /// Maps what stores and deletes. DELETE answers under the roots that retrieve, too, because clients delete what they found there.
    /// </summary>
    internal static IEndpointRouteBuilder MapStowGateway(this IEndpointRouteBuilder endpoints)
    {
        StowServices stow = endpoints.ServiceProvider.GetRequiredService<StowServices>();
        IGrainFactory grains = endpoints.ServiceProvider.GetRequiredService<IGrainFactory>();
        endpoints.MapStow(StowRoot, WadoRoot, stow);
        endpoints.MapStow(CommonRoot, CommonRoot, stow);
        foreach (string root in (string[])[StowRoot, WadoRoot, CommonRoot])
        {
            endpoints.MapDelete(root, grains, stow.Web.Provider, stow.Logger);
        }

        return endpoints;
    }

    /// <summary>Maps what finds and retrieves.</summary>
    internal static IEndpointRouteBuilder MapWadoGateway(this IEndpointRouteBuilder endpoints)
    {
        RetrieveServices retrieve = endpoints.ServiceProvider.GetRequiredService<RetrieveServices>();
        foreach (string root in (string[])[WadoRoot, CommonRoot])
        {
            endpoints.MapQido(root, retrieve);
            endpoints.MapWado(root, retrieve);
        }

        return endpoints;
    }
}
