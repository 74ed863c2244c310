using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

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
