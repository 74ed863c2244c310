using System.Runtime.CompilerServices;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Reads the responses of an operation that may have many.</summary>
internal static class ScuResponses
{
    /// <summary>Responses after a C-CANCEL until a peer counts as one that does not hear it.</summary>
    private const int MaxLateResponses = 1000;

    /// <summary>
    /// Invokes the operation and reads to its final response. Left or cancelled before that, it sends C-CANCEL and reads on without handing
    /// out, so that the association can be used again.
    /// </summary>
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

    /// <summary>Waits for the final response; the response timeout bounds each step of it.</summary>
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
