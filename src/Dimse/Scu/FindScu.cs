using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Query as SCU (PS3.4 section C.4.1).</summary>
public static class FindScu
{
    /// <summary>
    /// Asks, and answers with the responses as they come, the final one last. Who stops reading before that, or cancels, cancels the query.
    /// </summary>
    /// <param name="association">With the peer.</param>
    /// <param name="sopClassUid">The information model, or another class that is queried.</param>
    /// <param name="identifier">In the transfer syntax of the context.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="AssociationException">The association is gone, or has no context for this.</exception>
    public static IAsyncEnumerable<DimseReply> FindAsync(
        Association association, string sopClassUid, ReadOnlyMemory<byte> identifier, CancellationToken cancellationToken)
        => ScuResponses.ReadAsync(association, new CFindRequest { SopClassUid = sopClassUid }, identifier, cancellationToken);
}
