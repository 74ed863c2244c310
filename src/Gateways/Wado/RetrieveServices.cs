using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>What QIDO-RS and WADO-RS of one storage space work with.</summary>
public sealed record RetrieveServices
{
    public required ProviderName Provider { get; init; }

    public required IManifestQuery Manifest { get; init; }

    public required IObjectStore Objects { get; init; }

    public required ILogger Logger { get; init; }

    public DicomWebOptions Web { get; init; } = new();

    public QidoOptions Qido { get; init; } = new();

    public WadoOptions Wado { get; init; } = new();
}
