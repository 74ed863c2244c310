namespace ImagingIngestion.Manifest.Events;

/// <summary>Where the instance of an <see cref="ImageStoredEvent"/> was stored.</summary>
public sealed record EventStore(string Provider, string BucketName, string ObjectName, string WadoInternalEndpoint, string WadoExternalEndpoint);
