using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>The answer of a silo to a call that may have been tried before.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="MayCommitLater">An attempt before was cut off and may still be committed.</param>
internal readonly record struct RemoteAnswer(GrainAnswer Answer, bool MayCommitLater);
