using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>A call of a study grain between processes.</summary>
public abstract record GrainCall
{
    /// <summary>The grain that is called.</summary>
    public abstract StudyKey Study { get; }
}

/// <summary><see cref="IStudyGrain.StoreInstanceAsync"/>.</summary>
public sealed record StoreCall(InstanceArrival Arrival) : GrainCall
{
    public override StudyKey Study => Arrival.Study;
}

/// <summary><see cref="IStudyGrain.DeleteAsync"/>.</summary>
public sealed record DeleteCall(StudyKey Key, DeleteRequest Request) : GrainCall
{
    public override StudyKey Study => Key;
}

/// <summary><see cref="IStudyGrain.ReviseAsync"/>.</summary>
public sealed record ReviseCall(RevisionClaim Claim) : GrainCall
{
    public override StudyKey Study => Claim.Study;
}
