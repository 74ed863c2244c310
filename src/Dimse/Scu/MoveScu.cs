using System.Runtime.CompilerServices;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Retrieval by C-MOVE as SCU (PS3.4 section C.4.2): the peer sends to a destination that it knows.</summary>
public static class MoveScu
{
    /// <summary>
    /// Asks, and answers with what the peer reports, the final report last. Who stops reading before that, or cancels, cancels the
    /// retrieval.
    /// </summary>
    /// <param name="association">With the peer.</param>
    /// <param name="sopClassUid">The information model.</param>
    /// <param name="destination">The title of who gets the instances.</param>
    /// <param name="identifier">In the transfer syntax of the context.</param>
    /// <param name="cancellationToken">Cancels the retrieval.</param>
    /// <exception cref="AssociationException">The association is gone, or has no context for this.</exception>
    public static async IAsyncEnumerable<RetrieveReport> MoveAsync(
        Association association, string sopClassUid, AeTitle destination, ReadOnlyMemory<byte> identifier,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CMoveRequest request = new() { SopClassUid = sopClassUid, MoveDestination = destination.Value };
        await foreach (DimseReply reply in ScuResponses.ReadAsync(association, request, identifier, cancellationToken))
        {
            yield return new RetrieveReport(reply.Response.Status, (reply.Response as CMoveResponse)?.SubOperations, reply.DataSet);
        }
    }
}
