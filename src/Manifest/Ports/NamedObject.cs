using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>An object that a row of the manifest names.</summary>
/// <param name="Position">Where the row stands; a listing goes on behind it.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="Length">Bytes that it must have.</param>
public readonly record struct NamedObject((long Study, long Series, long Number, long Row) Position, ObjectKey Key, long Length);
