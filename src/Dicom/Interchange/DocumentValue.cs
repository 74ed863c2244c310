using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>What a document said at one place of a value list.</summary>
internal enum DocumentValueKind
{
    /// <summary>An empty place: null in JSON, an element without text in XML.</summary>
    Nothing,

    /// <summary>Text, the digits of a number included.</summary>
    Text,

    /// <summary>An object without members, which is an item to a sequence and nothing to a name.</summary>
    EmptyObject,

    /// <summary>An item of a sequence.</summary>
    Item,
}

/// <summary>One value as a document gave it, before its VR turns it into bytes.</summary>
internal readonly record struct DocumentValue(DocumentValueKind Kind, int Start, int Length, DicomDataset? Item);
