using ImagingIngestion.Dicom.Reading;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Settings of the retrieve service.</summary>
public sealed record WadoOptions
{
    /// <summary>Limits for reading stored objects that must be re-encoded; never tighter than those that they were stored under.</summary>
    public DicomReaderOptions Reader { get; init; } = DicomReaderOptions.Default;

    /// <summary>The most frames that one request may name.</summary>
    public int MaxFramesPerRequest { get; init; } = 100_000;
}
