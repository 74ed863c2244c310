using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>What the request says about the instances that it carries.</summary>
/// <param name="Provider">The storage space.</param>
/// <param name="ExpectedStudy">The study that all instances must belong to, null for any.</param>
public sealed record IngestContext(ProviderName Provider, StudyInstanceUid? ExpectedStudy = null);
