using ImagingIngestion.Grains;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>What every activation works with.</summary>
internal sealed record GrainRuntime(
    IManifestStore Store,
    GroupCommitter Committer,
    GrainOptions Options,
    DuplicatePolicy DuplicatePolicy,
    RevisionTiming RevisionTiming,
    TimeProvider Time,
    ILogger<StudyActivation> Logger);
