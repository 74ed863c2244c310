using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>What QIDO-RS and WADO-RS of one storage space work with.</summary>
public sealed record RetrieveServices
{
    public required IManifestQuery Manifest { get; init; }

    public required VerifiedObjects Objects { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Names the storage space.</summary>
    public required DicomWebOptions Web { get; init; }

    /// <summary>Covers what answers hold of headers and metadata.</summary>
    public required HeaderBudget Headers { get; init; }

    public QidoOptions Qido { get; init; } = new();

    public WadoOptions Wado { get; init; } = new();
}

/// <summary>Settings of the retrieve service.</summary>
public sealed record WadoOptions
{
    /// <summary>Limits for reading stored objects that must be re-encoded; never tighter than those that they were stored under.</summary>
    public DicomReaderOptions Reader { get; init; } = DicomReaderOptions.Default;

    /// <summary>The most frames that one request may name.</summary>
    public int MaxFramesPerRequest { get; init; } = 100_000;
}
