using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>What the manifest knows of some objects.</summary>
/// <param name="Named">Those that a row names.</param>
/// <param name="Dropped">Those that rows have dropped and that are not yet deleted.</param>
/// <param name="Epoch">The epoch of the storage space, read after the names: one that is lower than before means that an older manifest was asked.</param>
public sealed record ObjectNames(IReadOnlySet<ObjectKey> Named, IReadOnlySet<ObjectKey> Dropped, long Epoch);
