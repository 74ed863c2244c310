using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Manifest.State;

/// <summary>What was worked out of an instance at ingest.</summary>
public sealed record InstanceContent
{
    /// <summary>Instance-level attributes that searches match and return, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    /// <summary>The data set without bulk values as DICOM JSON (PS3.18 annex F), one object, UTF-8, compressed with raw deflate; BulkDataURI holds the path below the instance's <c>/bulkdata/</c>.</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Where bulk values and frames lie in the data set bytes, as <c>InstanceLayout</c> writes it.</summary>
    public required ReadOnlyMemory<byte> Layout { get; init; }
}
