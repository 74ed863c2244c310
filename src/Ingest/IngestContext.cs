using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Ingest;

/// <summary>What the request says about the instances that it carries.</summary>
/// <param name="Provider">The storage space.</param>
/// <param name="ExpectedStudy">The study that all instances must belong to, null for any.</param>
public sealed record IngestContext(ProviderName Provider, StudyInstanceUid? ExpectedStudy = null)
{
    /// <summary>The transfer syntax of data sets that come without file meta; null where the bytes say it themselves.</summary>
    public string? DataSetSyntax { get; init; }

    /// <summary>The SOP class that the data set must have; null or empty for any.</summary>
    public string? ExpectedSopClass { get; init; }

    /// <summary>The SOP instance that the data set must be; null or empty for any.</summary>
    public string? ExpectedSopInstance { get; init; }

    /// <summary>The upload memory of this instance, given back as soon as its object is durable; null where the request keeps it for the next one.</summary>
    public IDisposable? Room { get; init; }

    /// <summary>The calling AE title that brings them; null when they come over HTTP.</summary>
    public string? CallingAeTitle { get; init; }
}
