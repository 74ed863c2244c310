using ImagingIngestion.Dicom;
using ImagingIngestion.Dimse;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>Registers queries over DIMSE.</summary>
public static class FindRegistration
{
    /// <summary>What we speak, the best first.</summary>
    private static readonly string[] TransferSyntaxes = [TransferSyntax.ExplicitVRLittleEndian.Uid, TransferSyntax.ImplicitVRLittleEndian.Uid];

    /// <summary>Needs an <see cref="Grains.IManifestQuery"/>, <see cref="DicomWebOptions"/> and <see cref="Options.DimseOptions"/>.</summary>
    public static IServiceCollection AddDimseFind(this IServiceCollection services)
        => services
            .AddSingleton<IDimseService, FindScp>()
            .AddSingleton(new SopClassOffer
            {
                Covers = uid => QueryModel.OfFind(uid) is not null,
                ChooseTransferSyntax = proposed => TransferSyntaxes.FirstOrDefault(proposed.Contains),
                Negotiate = QueryOptions.Grant,
            });
}
