namespace ImagingIngestion.Grains;

/// <summary>A silo in the table.</summary>
/// <param name="Id">Its own for each start of a process: 1 to 64 ASCII letters, digits and dashes.</param>
/// <param name="Address">Where it takes grain calls: an absolute http or https URL.</param>
public sealed record SiloEntry(string Id, Uri Address);
