namespace ImagingIngestion.Manifest.Events;

/// <summary>The data of an event of type <see cref="EventType.DicomAvailable"/>.</summary>
/// <param name="Provider">The storage space.</param>
/// <param name="Endpoint">The WADO-RS URL of the instance inside the cluster.</param>
public sealed record DicomAvailableEvent(string Provider, string Endpoint);
