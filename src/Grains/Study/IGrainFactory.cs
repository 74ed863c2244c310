using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>Gives callers a reference to a grain; whether it lives here or in another silo is the host's business.</summary>
public interface IGrainFactory
{
    IStudyGrain GetStudyGrain(StudyKey key);
}
