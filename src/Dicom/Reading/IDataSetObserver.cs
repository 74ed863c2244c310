using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>Takes the elements of a data set as <see cref="DataSetParser"/> reads them, so that the parser keeps none of them.</summary>
public interface IDataSetObserver
{
    /// <summary>An element that is no sequence, whole; a bulk value was announced but not yet passed over.</summary>
    void Element(DicomElement element);

    void BeginSequence(DicomTag tag);

    void BeginItem();

    void EndItem();

    void EndSequence();
}
