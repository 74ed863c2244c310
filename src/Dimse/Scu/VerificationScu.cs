using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Verification as SCU (PS3.4 annex A).</summary>
public static class VerificationScu
{
    public const string SopClassUid = "1.2.840.10008.1.1";

    /// <summary>Sends a C-ECHO.</summary>
    /// <returns>The status of the answer.</returns>
    /// <exception cref="AssociationException">The association is gone, or has no context for this.</exception>
    public static async Task<DimseStatus> EchoAsync(Association association, CancellationToken cancellationToken)
    {
        NegotiatedContext context = association.ScuContext(SopClassUid);
        OutgoingOperation operation =
            await association.InvokeAsync(context, new CEchoRequest { SopClassUid = SopClassUid }, null, cancellationToken);
        DimseReply reply = await operation.ReadAsync(cancellationToken);
        return reply.Response.Status;
    }
}
