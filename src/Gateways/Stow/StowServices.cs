using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>What STOW-RS and DELETE of one storage space work with.</summary>
public sealed record StowServices
{
    public required InstanceIngest Ingest { get; init; }

    public required UploadAdmission Admission { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public DicomWebOptions Web { get; init; } = new();

    public StowOptions Options { get; init; } = new();
}
