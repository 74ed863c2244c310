using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>URLs of resources below a retrieve root.</summary>
internal static class RetrieveUrls
{
    public static string Instance(string root, StudyInstanceUid study, InstanceId id)
        => $"{root}/studies/{study}/series/{id.Series}/instances/{id.Sop}";
}
