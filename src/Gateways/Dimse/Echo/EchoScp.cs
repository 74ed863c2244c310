using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Dimse.Echo;

/// <summary>Verification as SCP (PS3.4 annex A): C-ECHO is always a success.</summary>
public sealed class EchoScp : IDimseService
{
    public bool Performs(DimseRequest request) => request is CEchoRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        CEchoResponse response = new() { Status = DimseStatus.Success, SopClassUid = operation.Request.SopClassUid };
        await operation.RespondAsync(response, null, cancellationToken);
    }
}

/// <summary>Registers verification.</summary>
public static class DimseEchoRegistration
{
    private const string Verification = "1.2.840.10008.1.1";

    public static IServiceCollection AddDimseEcho(this IServiceCollection services)
        => services
            .AddSingleton<IDimseService, EchoScp>()
            .AddSingleton(new SopClassOffer
            {
                Covers = uid => uid == Verification,
                ChooseTransferSyntax = proposed => proposed.FirstOrDefault(IsTransferSyntax)
            });

    /// <summary>Returns whether the UID is a transfer syntax of PS3.6.</summary>
    /// <remarks>C-ECHO has no data set, so any would do; an unknown one is a mistake of the peer.</remarks>
    private static bool IsTransferSyntax(string uid)
        => UidRegistry.TryGet(uid, out UidEntry? entry) && entry.Type == UidType.TransferSyntax;
}
