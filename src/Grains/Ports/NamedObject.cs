namespace ImagingIngestion.Grains;

/// <summary>An object that a row of the manifest names.</summary>
/// <param name="Row">The number of the row.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="Length">Bytes that it must have.</param>
public readonly record struct NamedObject(long Row, ObjectKey Key, long Length);
