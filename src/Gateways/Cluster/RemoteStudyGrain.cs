using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>
/// A study in some silo. Every call may be sent again: an instance whose object is committed already answers as a duplicate with that very
/// object, a repeated deletion finds nothing and answers 0, and a repeated closing finds its claim used up and answers false.
/// </summary>
internal sealed class RemoteStudyGrain(StudyKey key, RemoteGrains grains) : IStudyGrain
{
    public async Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
    {
        RemoteAnswer answer = await CallAsync(new StoreCall(arrival), GrainAnswerKind.Stored, cancellationToken);
        return answer.Answer.Store! with { MayCommitLater = answer.MayCommitLater };
    }

    public async Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
        => (await CallAsync(new DeleteCall(key, request), GrainAnswerKind.Deleted, cancellationToken)).Answer.Deleted;

    public async Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken)
        => (await CallAsync(new ReviseCall(claim), GrainAnswerKind.Revised, cancellationToken)).Answer.IsClosed;

    private async Task<RemoteAnswer> CallAsync(GrainCall call, GrainAnswerKind expected, CancellationToken cancellationToken)
    {
        if (call.Study != key)
        {
            throw new ArgumentException("The call is for another study.", nameof(call));
        }

        RemoteAnswer answer = await grains.CallAsync(call, cancellationToken);
        return answer.Answer.Kind == expected
            ? answer
            : throw new InvalidOperationException($"A silo answered a call with {answer.Answer.Kind}, not {expected}.");
    }
}
