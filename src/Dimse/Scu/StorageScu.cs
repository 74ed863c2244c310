using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Storage as SCU (PS3.4 annex B).</summary>
public static class StorageScu
{
    /// <summary>Stores one instance.</summary>
    /// <param name="association">With the peer.</param>
    /// <param name="context">Of the instance's SOP class, in the transfer syntax of the data set.</param>
    /// <param name="sopInstanceUid">Of the instance.</param>
    /// <param name="dataSet">Writes the data set; an exception of it aborts the association.</param>
    /// <param name="cancellationToken">Gives up, which aborts the association where bytes were already sent.</param>
    /// <exception cref="AssociationException">
    /// The association is gone, or the response names another instance: whether this one is stored is not known.
    /// </exception>
    public static async Task<CStoreResponse> StoreAsync(
        Association association, NegotiatedContext context, string sopInstanceUid, Func<Stream, CancellationToken, Task> dataSet,
        CancellationToken cancellationToken)
    {
        return await StoreAsync(
            association,
            context,
            new CStoreRequest { SopClassUid = context.AbstractSyntax, SopInstanceUid = sopInstanceUid },
            dataSet,
            cancellationToken);
    }

    /// <summary>Stores one instance with more to say than its UIDs, such as the C-MOVE that asked for it.</summary>
    /// <param name="association">With the peer.</param>
    /// <param name="context">Of the instance's SOP class, in the transfer syntax of the data set.</param>
    /// <param name="request">Gets its Message ID here.</param>
    /// <param name="dataSet">Writes the data set; an exception of it aborts the association.</param>
    /// <param name="cancellationToken">Gives up, which aborts the association where bytes were already sent.</param>
    /// <exception cref="AssociationException">
    /// The association is gone, or the response names another instance: whether this one is stored is not known.
    /// </exception>
    public static async Task<CStoreResponse> StoreAsync(
        Association association, NegotiatedContext context, CStoreRequest request, Func<Stream, CancellationToken, Task> dataSet,
        CancellationToken cancellationToken)
    {
        OutgoingOperation operation = await association.InvokeAsync(context, request, dataSet, cancellationToken);
        CStoreResponse response = (CStoreResponse)(await operation.ReadAsync(cancellationToken)).Response;
        if (response.SopInstanceUid is { Length: > 0 } answered && answered != request.SopInstanceUid)
        {
            await association.AbortAsync(cancellationToken);
            throw new AssociationException(
                AssociationFault.ProtocolError, "The peer answered a C-STORE with another SOP Instance UID than was sent.");
        }

        return response;
    }
}
