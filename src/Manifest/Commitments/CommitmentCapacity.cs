namespace ImagingIngestion.Manifest.Commitments;

/// <summary>How much may wait in a queue of requests for storage commitment.</summary>
/// <param name="Requests">Requests at once.</param>
/// <param name="References">Instances that all of them together ask for.</param>
public sealed record CommitmentCapacity(int Requests, int References);
