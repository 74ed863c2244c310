using System.Runtime.CompilerServices;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>
/// Retrieval by C-GET as SCU (PS3.4 section C.4.3). The instances come on the same association: request it with the storage classes, the
/// role of SCP for them, and a service that performs C-STORE.
/// </summary>
public static class GetScu
{
    /// <summary>
    /// Asks, and answers with what the peer reports, the final report last. Who stops reading before that, or cancels, cancels the
    /// retrieval.
    /// </summary>
    /// <param name="association">With the peer.</param>
    /// <param name="sopClassUid">The information model.</param>
    /// <param name="identifier">In the transfer syntax of the context.</param>
    /// <param name="cancellationToken">Cancels the retrieval.</param>
    /// <exception cref="AssociationException">The association is gone, or has no context for this.</exception>
    public static async IAsyncEnumerable<RetrieveReport> GetAsync(
        Association association,
        string sopClassUid,
        ReadOnlyMemory<byte> identifier,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (DimseReply reply in ScuResponses.ReadAsync(
            association, new CGetRequest { SopClassUid = sopClassUid }, identifier, cancellationToken))
        {
            yield return new RetrieveReport(reply.Response.Status, (reply.Response as CGetResponse)?.SubOperations, reply.DataSet);
        }
    }
}

/// <summary>What a peer reports of a retrieval.</summary>
/// <param name="Status">Pending until the final report.</param>
/// <param name="SubOperations">The counters; null where the peer leaves them out.</param>
/// <param name="DataSet">The identifier of a final report that lists failed instances (0008,0058); empty where none came.</param>
public sealed record RetrieveReport(DimseStatus Status, SubOperations? SubOperations, ReadOnlyMemory<byte> DataSet);
