using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Reads the manifest.</summary>
internal sealed class ManifestCheck(IManifestStore manifest) : IReadinessCheck
{
    // Any study will do: that there is none is an answer too.
    private static readonly StudyKey AnyStudy = new(new ProviderName("default"), new StudyInstanceUid("2.25.0"));

    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        await manifest.LoadStudyAsync(AnyStudy, cancellationToken);
        return null;
    }
}
