namespace ImagingIngestion.Dicom.Tests.Fuzz;

/// <summary>What one input cost.</summary>
/// <param name="IsRead">The parser took it; false when it refused it with a typed error.</param>
/// <param name="Time">Wall time.</param>
/// <param name="Allocated">Bytes allocated on the way.</param>
internal readonly record struct FuzzOutcome(bool IsRead, TimeSpan Time, long Allocated);
