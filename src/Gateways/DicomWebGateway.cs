using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>The DICOMweb gateway as a host sees it: what it needs, and where it answers.</summary>
public static class DicomWebGateway
{
    private const string StowRoot = "/stow-rs";
    private const string WadoRoot = "/wado-rs";
    private const string CommonRoot = "/dicom-web";

    /// <summary>Registers the gateway; needs an object store, a manifest store and the grains.</summary>
    public static IServiceCollection AddDicomWebGateway(this IServiceCollection services, ImagingOptions options)
        => services
            .AddSingleton(options)
            .AddSingleton(new DicomWebOptions { Provider = new ProviderName(options.Provider.Name), PublicUrl = options.Server.BaseUrl })
            .AddSingleton<IStartupFilter, GatewayStartupFilter>()
            .AddStow(options.Ingest)
            .AddRetrieve();

    /// <summary>Maps STOW-RS, QIDO-RS, WADO-RS and DELETE under their roots.</summary>
    public static IEndpointRouteBuilder MapDicomWebGateway(this IEndpointRouteBuilder endpoints)
    {
        StowServices stow = endpoints.ServiceProvider.GetRequiredService<StowServices>();
        IGrainFactory grains = endpoints.ServiceProvider.GetRequiredService<IGrainFactory>();
        endpoints.MapStow(StowRoot, WadoRoot, stow);
        endpoints.MapStow(CommonRoot, CommonRoot, stow);
        endpoints.MapDelete(StowRoot, grains, stow.Web.Provider, stow.Logger);
        endpoints.MapDelete(WadoRoot, grains, stow.Web.Provider, stow.Logger);
        endpoints.MapDelete(CommonRoot, grains, stow.Web.Provider, stow.Logger);

        RetrieveServices retrieve = endpoints.ServiceProvider.GetRequiredService<RetrieveServices>();
        endpoints.MapQido(WadoRoot, retrieve);
        endpoints.MapQido(CommonRoot, retrieve);
        endpoints.MapWado(WadoRoot, retrieve);
        endpoints.MapWado(CommonRoot, retrieve);
        return endpoints;
    }
}
