using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>What PS3.6 says of one data element, or of a family of them such as (60xx,3000).</summary>
public sealed record DicomDictionaryEntry
{
    /// <summary>The tag; of a family the first one that stands for nothing else.</summary>
    public required DicomTag Tag { get; init; }

    /// <summary>One bits where a tag of the family must agree with <see cref="Tag"/>; all ones for a single element.</summary>
    public required uint Mask { get; init; }

    /// <summary>The VR, the first one where the standard allows several; <see cref="DicomVR.None"/> for items and delimiters.</summary>
    public required DicomVR VR { get; init; }

    /// <summary>The standard allows several VRs; other elements or the transfer syntax decide (PS3.5 annex A, PS3.3 C.7.6.3).</summary>
    public required bool IsAmbiguous { get; init; }

    /// <summary>Value multiplicity as the standard writes it, such as 1, 1-n or 2-2n.</summary>
    public required string VM { get; init; }

    /// <summary>Empty for a few retired elements.</summary>
    public required string Keyword { get; init; }

    public required string Name { get; init; }

    public required bool IsRetired { get; init; }
}
