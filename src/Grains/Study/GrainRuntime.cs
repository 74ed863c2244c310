using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

/// <summary>What every activation works with.</summary>
internal sealed record GrainRuntime(
    IManifestStore Store,
    GroupCommitter Committer,
    GrainOptions Options,
    DuplicatePolicy DuplicatePolicy,
    RevisionTiming RevisionTiming,
    TimeProvider Time,
    ILogger<StudyActivation> Logger)
{
    /// <summary>Gives calls on to the owner of a study; null where this process is no silo of a cluster.</summary>
    public IStudyForwarder? Forwarder { get; init; }
}
