namespace ImagingIngestion.Manifest.Events;

/// <summary>An instance of an <see cref="EventSeries"/>; its number is Instance Number (0020,0013), where it is one.</summary>
public sealed record EventInstance(string SopInstanceUID, string SopClassUID, long? Number);
