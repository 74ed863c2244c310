using ImagingIngestion.Dicom.TransferSyntaxes;
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

    /// <summary>Stores one instance with a request that has more than its UIDs, such as the C-MOVE to which it belongs.</summary>
    /// <param name="association">With the peer.</param>
    /// <param name="context">Of the instance's SOP class, in the transfer syntax of the data set.</param>
    /// <param name="request">Its Message ID is set here.</param>
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

/// <summary>Chooses the presentation context for a stored instance.</summary>
public static class StorageContexts
{
    private static readonly string ExplicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
    private static readonly string ImplicitUid = TransferSyntax.ImplicitVRLittleEndian.Uid;

    /// <summary>Returns the transfer syntaxes in which an instance can be sent, the best first.</summary>
    /// <remarks>
    /// The stored one is the best. Without a codec, a compressed instance has no other. An instance to be re-encoded is not deflated.
    /// </remarks>
    public static IEnumerable<string> Syntaxes(string storedUid, bool isWrittenAnew = false)
    {
        TransferSyntax stored = TransferSyntax.FromUid(storedUid);
        string[] asStored = isWrittenAnew && (stored.IsNative || stored.IsDeflated) ? [] : [storedUid];
        return stored.IsNative ? asStored.Concat([ExplicitUid, ImplicitUid]).Distinct() : asStored;
    }

    /// <summary>Returns whether native instances can be re-encoded in this transfer syntax.</summary>
    public static bool IsReencodable(string syntaxUid) => syntaxUid == ExplicitUid || syntaxUid == ImplicitUid;

    /// <summary>Returns the best context on which this side is SCU; null if there is none.</summary>
    public static NegotiatedContext? Choose(
        IReadOnlyList<NegotiatedContext> contexts, string sopClassUid, string storedUid, bool isWrittenAnew = false)
        => Syntaxes(storedUid, isWrittenAnew).Select(syntax => contexts.FindScuContext(sopClassUid, syntax)).FirstOrDefault(
            context => context is not null);
}
