using System.Runtime.CompilerServices;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Query as SCU (PS3.4 section C.4.1).</summary>
public static class FindScu
{
    /// <summary>Sends the query and yields its responses as they arrive, the final one last.</summary>
    /// <remarks>A caller that stops reading earlier, or cancels, cancels the query.</remarks>
    /// <param name="association">With the peer.</param>
    /// <param name="sopClassUid">The information model, or another class that is queried.</param>
    /// <param name="identifier">In the transfer syntax of the context.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="AssociationException">The association is gone, or has no context for this.</exception>
    public static IAsyncEnumerable<DimseReply> FindAsync(
        Association association, string sopClassUid, ReadOnlyMemory<byte> identifier, CancellationToken cancellationToken)
        => ScuResponses.ReadAsync(association, new CFindRequest { SopClassUid = sopClassUid }, identifier, cancellationToken);
}

/// <summary>Retrieval by C-GET as SCU (PS3.4 section C.4.3).</summary>
/// <remarks>
/// The instances arrive on the same association. Request it with the storage classes, the role of SCP for them, and a service that performs
/// C-STORE.
/// </remarks>
public static class GetScu
{
    /// <summary>Sends the request and yields the reports of the peer, the final report last.</summary>
    /// <remarks>A caller that stops reading earlier, or cancels, cancels the retrieval.</remarks>
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

/// <summary>A report of the peer on a retrieval.</summary>
/// <param name="Status">Pending until the final report.</param>
/// <param name="SubOperations">The counters; null if the peer leaves them out.</param>
/// <param name="DataSet">The identifier of a final report that lists failed instances (0008,0058); empty where none came.</param>
public sealed record RetrieveReport(DimseStatus Status, SubOperations? SubOperations, ReadOnlyMemory<byte> DataSet);

/// <summary>Retrieval by C-MOVE as SCU (PS3.4 section C.4.2): the peer sends to a destination that it knows.</summary>
public static class MoveScu
{
    /// <summary>Sends the request and yields the reports of the peer, the final report last.</summary>
    /// <remarks>A caller that stops reading earlier, or cancels, cancels the retrieval.</remarks>
    /// <param name="association">With the peer.</param>
    /// <param name="sopClassUid">The information model.</param>
    /// <param name="destination">The title of the receiver of the instances.</param>
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

/// <summary>Reads the responses of an operation that may have many.</summary>
internal static class ScuResponses
{
    /// <summary>Responses after a C-CANCEL before the peer counts as ignoring it.</summary>
    private const int MaxLateResponses = 1000;

    /// <summary>Invokes the operation and reads to its final response.</summary>
    /// <remarks>
    /// If the caller stops or cancels earlier, it sends C-CANCEL and reads on without yielding, so that the association can be used again.
    /// </remarks>
    public static async IAsyncEnumerable<DimseReply> ReadAsync(
        Association association,
        DimseRequest request,
        ReadOnlyMemory<byte> identifier,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        NegotiatedContext context = association.ScuContext(request.SopClassUid);
        OutgoingOperation operation = await association.InvokeAsync(
            context, request, async (stream, token) => await stream.WriteAsync(identifier, token), cancellationToken);
        bool isOver = false;
        try
        {
            while (!isOver)
            {
                DimseReply reply = await operation.ReadAsync(cancellationToken);
                isOver = !reply.Response.Status.IsPending;
                yield return reply;
            }
        }
        finally
        {
            if (!isOver && association.IsOpen)
            {
                await CancelAsync(association, operation, CancellationToken.None);
            }
        }
    }

    /// <summary>Cancels and waits for the final response; the response timeout limits each step.</summary>
    private static async Task CancelAsync(Association association, OutgoingOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await operation.CancelAsync(cancellationToken);
            for (int late = 0; late < MaxLateResponses; late++)
            {
                if (!(await operation.ReadAsync(cancellationToken)).Response.Status.IsPending)
                {
                    return;
                }
            }

            await association.AbortAsync(cancellationToken);
        }
        catch (AssociationException)
        {
            // The association ended meanwhile, and the operation with it.
        }
    }
}
