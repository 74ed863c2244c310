using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Ingest;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>How an instance is re-encoded.</summary>
internal enum TranscodingWay
{
    Inflate,
    FromMemory,
    ElementByElement,
}

/// <summary>What the first pass of <see cref="DataSetTranscoder"/> found.</summary>
/// <param name="Way">How to go on.</param>
/// <param name="Dataset">The data set, where it is held.</param>
/// <param name="Share">Covers it, where it is large.</param>
internal sealed record PreparedDataSet(TranscodingWay Way, DicomDataset? Dataset, HeaderShare? Share) : IDisposable
{
    public void Dispose() => Share?.Dispose();
}
