using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>An object in a listing.</summary>
public sealed record StoredObject(ObjectKey Key, long Length, DateTimeOffset WrittenAt);
