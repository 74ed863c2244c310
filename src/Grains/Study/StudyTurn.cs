using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>
/// One call of a study grain, from the mailbox until its caller is answered. It may be decided several times before that.
/// </summary>
internal abstract class StudyTurn
{
    /// <summary>Bytes that the call holds while it waits, roughly.</summary>
    public abstract long EstimatedBytes { get; }

    /// <summary>The caller no longer waits.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>The instances whose rows the decision needs.</summary>
    public virtual IEnumerable<InstanceId> NeededInstances => [];

    /// <summary>The deletion for which more rows are needed than can be named, if any.</summary>
    public virtual DeleteRequest? NeededListing => null;

    /// <summary>The number of the revision whose content the decision needs, if any; such a turn is decided and committed alone.</summary>
    public virtual int? NeededRevision => null;

    /// <summary>The call may be given on to another silo.</summary>
    public abstract bool MayForward { get; }

    /// <summary>When its caller gives up, where that is known.</summary>
    public abstract TurnCaller Caller { get; }

    /// <summary>What to ask another silo for.</summary>
    public abstract GrainCall ToCall(StudyKey key);

    /// <summary>Answers the caller with what another silo answered, which is durable; false when that is no answer to this call.</summary>
    public abstract bool TryComplete(GrainAnswer answer);

    /// <summary>Decides; the answer stays here until <see cref="Complete"/>.</summary>
    public abstract void Decide(StudyGrain grain, LoadedInstances rows);

    /// <summary>Answers the caller: what was decided is durable.</summary>
    public abstract void Complete();

    /// <summary>Answers the caller that the store took this call alone and refused it.</summary>
    public abstract void Refuse();

    /// <summary>Answers the caller with an error.</summary>
    public abstract void Fail(Exception error);
}
