namespace ImagingIngestion.Manifest.Events;

/// <summary>An attribute within an event: group and element as four upper-case hexadecimal digits each, several values parted by backslashes.</summary>
public sealed record EventElement(string Group, string Element, string Vr, string? Value);
