namespace ImagingIngestion.Dicom.Tests.Fuzz;

/// <summary>The cost of one input.</summary>
/// <param name="IsRead">The parser accepted it; false if it refused it with a typed error.</param>
/// <param name="Time">Wall time.</param>
/// <param name="Allocated">Bytes allocated.</param>
internal readonly record struct FuzzOutcome(bool IsRead, TimeSpan Time, long Allocated);
