namespace ImagingIngestion.Dicom.Json;

/// <summary>What <see cref="MetadataReader"/> stands on.</summary>
public enum MetadataToken
{
    /// <summary>An element other than a sequence with items.</summary>
    Element,

    BeginSequence,
    BeginItem,
    EndItem,
    EndSequence,
}
