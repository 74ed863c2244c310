namespace ImagingIngestion.Manifest.Events;

/// <summary>The instance of an <see cref="ImageStoredEvent"/>: the attributes that the manifest keeps of it, in order of tag, sequences left out.</summary>
public sealed record EventImage(string TransferSyntaxUID, IReadOnlyList<EventElement> Elements);
