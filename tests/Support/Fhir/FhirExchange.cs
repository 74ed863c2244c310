namespace ImagingIngestion.Tests;

/// <summary>A request that a <see cref="FhirServer"/> answered.</summary>
internal sealed record FhirExchange(string Method, string Path, string Query, string? IfMatch, string? IfNoneExist, int Status);
