using ImagingIngestion.Dimse;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>Registers verification.</summary>
public static class EchoRegistration
{
    private const string Verification = "1.2.840.10008.1.1";

    public static IServiceCollection AddDimseEcho(this IServiceCollection services)
        => services
            .AddSingleton<IDimseService, EchoScp>()
            .AddSingleton(new SopClassOffer { Covers = uid => uid == Verification, ChooseTransferSyntax = proposed => proposed.Count > 0 ? proposed[0] : null });
}
