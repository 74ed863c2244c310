using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Gateways.Http;

/// <summary>What all DICOMweb services share.</summary>
public sealed record DicomWebOptions
{
    /// <summary>The storage space that the services work on.</summary>
    public ProviderName Provider { get; init; } = new("default");

    /// <summary>
    /// The public URL of the services without a trailing slash, where reverse proxies do not tell it; null derives it from each request. May end in the path of a
    /// service that retrieves (<c>/wado-rs</c>, <c>/dicom-web</c>).
    /// </summary>
    public string? PublicUrl { get; init; }
}
