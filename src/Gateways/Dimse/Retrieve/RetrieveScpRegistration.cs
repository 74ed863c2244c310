using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Store;
using ImagingIngestion.Gateways.Wado;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>Registers retrieval over DIMSE.</summary>
public static class RetrieveScpRegistration
{
    /// <summary>
    /// Adds C-GET and C-MOVE; needs what <see cref="WadoRegistration.AddWado"/> and <see cref="StoreRegistration.AddDimseStore"/>
    /// register, the options, the peers and an <see cref="AssociationRequestor"/>.
    /// </summary>
    public static IServiceCollection AddDimseRetrieve(this IServiceCollection services)
        => services
            .AddWado()
            .AddSingleton<RetrieveSelection>()
            .AddSingleton<RetrievePreparation>()
            .AddSingleton<StoredInstanceSender>()
            .AddSingleton<IDimseService, CGetScp>()
            .AddSingleton<IDimseService, CMoveScp>()
            .AddSingleton(RetrieveModels.Offer);
}
