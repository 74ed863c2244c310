using ImagingIngestion.Gateways.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

/// <summary>What a reader made of a body.</summary>
internal sealed record ReadOutcome(IReadOnlyList<byte[]> Parts, MultipartFault? Fault, bool IsFinalBoundaryMissing);
