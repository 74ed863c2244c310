namespace ImagingIngestion.Gateways.Tests;

/// <summary>What a reader made of a body.</summary>
internal sealed record ReadOutcome(IReadOnlyList<byte[]> Parts, MultipartFault? Fault, bool IsFinalBoundaryMissing);
