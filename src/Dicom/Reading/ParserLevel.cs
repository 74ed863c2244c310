using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// An open sequence or item while a data set is read. The levels form an explicit stack, so that nesting costs no call stack.
/// </summary>
internal sealed class ParserLevel
{
    /// <summary>The data set that elements of this level go to; in a sequence, the one that holds the sequence.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>The items so far when this level is a sequence, else null.</summary>
    public List<DicomDataset>? Items { get; init; }

    /// <summary>How many items the sequence has had.</summary>
    public int ItemCount { get; set; }

    /// <summary>The last element of an item whose elements are handed on.</summary>
    public DicomTag? LastTag { get; set; }

    /// <summary>The tag of the sequence.</summary>
    public DicomTag Tag { get; init; }

    /// <summary>Offset where a defined length ends; -1 where a delimiter does.</summary>
    public long End { get; init; } = -1;

    public required bool IsExplicit { get; init; }

    public required bool IsBigEndian { get; init; }

    public bool IsSequence => Items is not null;
}
