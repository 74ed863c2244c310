using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Gives calls of other processes to the grains here, and makes their answers and errors into what goes back.</summary>
internal sealed partial class CallDispatcher(ActivationDirectory directory, CallAdmission admission, ILogger<CallDispatcher> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>Never fails, unless the caller leaves.</summary>
    /// <exception cref="OperationCanceledException">It left.</exception>
    public async Task<GrainAnswer> CallAsync(ReadOnlyMemory<byte> body, TurnCaller caller, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(GrainCallCodec.Decode(body), caller, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            LogNotUnderstood(logger, error.Message);
            return new GrainAnswer(GrainAnswerKind.NotUnderstood) { Detail = error.Message };
        }
    }

    private async Task<GrainAnswer> CallAsync(GrainCall call, TurnCaller caller, CancellationToken cancellationToken)
    {
        try
        {
            return call switch
            {
                StoreCall store => new GrainAnswer(GrainAnswerKind.Stored)
                {
                    Store = await directory.CallAsync(call.Study, new StoreTurn(store.Arrival, caller), cancellationToken)
                },
                DeleteCall delete => new GrainAnswer(GrainAnswerKind.Deleted)
                {
                    Deleted = await directory.CallAsync(call.Study, new DeleteTurn(delete.Request, caller), cancellationToken)
                },
                ReviseCall revise => new GrainAnswer(GrainAnswerKind.Revised)
                {
                    IsClosed = await directory.CallAsync(call.Study, new ReviseTurn(revise.Claim, caller), cancellationToken)
                },
                _ => new GrainAnswer(GrainAnswerKind.NotUnderstood),
            };
        }
        catch (GrainOverloadedException)
        {
            return new GrainAnswer(admission.IsLeaving ? GrainAnswerKind.Stopping : GrainAnswerKind.Overloaded) { RetryAfter = RetryAfter };
        }
        catch (ManifestUnavailableException error)
        {
            // A silo that leaves gives up on what it cannot commit any more.
            bool isOfThisSilo = error.IsOfThisSilo || (admission.IsLeaving && !error.IsFull);
            GrainAnswerKind kind = isOfThisSilo
                ? GrainAnswerKind.Interrupted
                : error.IsFull ? GrainAnswerKind.ManifestFull : GrainAnswerKind.ManifestUnavailable;
            return new GrainAnswer(kind) { Detail = error.Message };
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(logger, call.Study.Study.Value, error);
            return new GrainAnswer(GrainAnswerKind.Failed);
        }
    }
}
