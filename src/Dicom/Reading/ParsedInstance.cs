using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>All that one forward pass over an instance yields.</summary>
public sealed record ParsedInstance
{
    public required FileMeta Meta { get; init; }

    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>The data set without bulk values.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>Bytes of memory, by estimate, that the data set takes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Where the frames lie; null where there are none or it cannot be told.</summary>
    public required FrameIndex? Frames { get; init; }

    /// <summary>Bytes of the data set as encoded (deflated where it is).</summary>
    public required long DataSetLength { get; init; }

    /// <summary>SHA-256 over the transfer syntax UID in ASCII and the data set bytes as encoded.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    public required IReadOnlySet<DicomParseWarning> Warnings { get; init; }
}
