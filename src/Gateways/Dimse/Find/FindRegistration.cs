using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Registers queries over DIMSE.</summary>
public static class FindRegistration
{
    /// <summary>
    /// Needs an <see cref="Manifest.Ports.IManifestQuery"/>, <see cref="ServedSpace"/> and <see cref="Options.DimseOptions"/>.
    /// </summary>
    public static IServiceCollection AddDimseFind(this IServiceCollection services)
        => services
            .AddHeaderBudget()
            .AddSingleton<IDimseService, FindScp>()
            .AddSingleton(new SopClassOffer
            {
                Covers = uid => QueryModel.OfFind(uid) is not null,
                ChooseTransferSyntax = DataSetSyntaxes.Choose,
                Negotiate = QueryOptions.Grant,
            });
}
