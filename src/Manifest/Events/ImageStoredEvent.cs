namespace ImagingIngestion.Manifest.Events;

/// <summary>The data of an event of type <see cref="EventType.ImageStored"/>.</summary>
public sealed record ImageStoredEvent(EventImage Image, EventStore Store);
