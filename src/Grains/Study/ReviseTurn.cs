using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>A due revision that waits to be closed.</summary>
internal sealed class ReviseTurn(RevisionClaim claim, TurnCaller caller) : StudyTurn<bool>(caller)
{
    public override long EstimatedBytes => 1024;

    public override int? NeededRevision => claim.Revision;

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Revise(claim, rows.Revision!);

    public override GrainCall ToCall(StudyKey key) => new ReviseCall(claim);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.IsClosed;
        return answer.Kind == GrainAnswerKind.Revised && TryComplete();
    }

    /// <summary>Changes came in between: the revision is due later, or another silo's.</summary>
    public override void Refuse()
    {
        Answer = false;
        Complete();
    }
}
