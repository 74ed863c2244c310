using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Dimse.Store;

/// <summary>Registers storage over DIMSE.</summary>
public static class StoreRegistration
{
    /// <summary>Needs the ingest pipeline as <see cref="StowRegistration.AddStow"/> registers it, and <see cref="DicomWebOptions"/>.</summary>
    public static IServiceCollection AddDimseStore(this IServiceCollection services, ImagingOptions options)
        => services
            .AddSingleton(options.Ingest)
            .AddSingleton<IDimseService, StorageScp>()
            .AddSingleton(StorageOffer.Create(options.Dimse));
}
