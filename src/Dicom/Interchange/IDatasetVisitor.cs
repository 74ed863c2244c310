using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Receives a data set from <see cref="DatasetWalker"/> in document order.</summary>
internal interface IDatasetVisitor
{
    /// <param name="dataset">The data set or item.</param>
    /// <param name="item">0-based number within its sequence; -1 for the outermost data set.</param>
    void BeginDataset(DicomDataset dataset, int item);

    void EndDataset();

    /// <summary>A sequence with at least one item; its items follow.</summary>
    void BeginSequence(DicomElement element, DicomDataset owner);

    void EndSequence();

    /// <summary>Any other element, an empty sequence included.</summary>
    void Element(DicomElement element, DicomDataset owner, DatasetWalker walker);
}
