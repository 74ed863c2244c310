namespace ImagingIngestion.Manifest.Ports;

/// <summary>A silo as gateways and other silos find it.</summary>
/// <param name="Id">Names one run of one process: new at every start, up to 64 ASCII letters, digits and dashes.</param>
/// <param name="Address">Where it takes grain calls: an absolute http or https URL without path, up to 256 characters.</param>
public sealed record SiloEntry(string Id, string Address);
