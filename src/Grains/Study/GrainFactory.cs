using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>Gives references to the grains of this silo. A reference costs nothing and never grows stale.</summary>
internal sealed class GrainFactory(ActivationDirectory directory) : IGrainFactory
{
    public IStudyGrain GetStudyGrain(StudyKey key) => new StudyGrainReference(key, directory);
}
