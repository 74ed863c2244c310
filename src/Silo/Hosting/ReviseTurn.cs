using ImagingIngestion.Grains;

namespace ImagingIngestion.Silo;

/// <summary>A due revision that waits to be closed.</summary>
internal sealed class ReviseTurn(RevisionClaim claim, CancellationToken cancellationToken) : StudyTurn<bool>(cancellationToken)
{
    public override long EstimatedBytes => 1024;

    public override int? NeededRevision => claim.Revision;

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Revise(claim, rows.Revision!);

    /// <summary>Changes came in between: the revision is due later, or another silo's.</summary>
    public override void Refuse()
    {
        Answer = false;
        Complete();
    }
}
