using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The objects that were found missing, of another length or with other bytes than were stored; <see cref="InstanceState.IsDamaged"/> tells
/// of them. Every implementation passes the same conformance kit.
/// </summary>
public interface IDamagedObjects
{
    /// <summary>Flags objects; nothing happens to those that are flagged already.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now; nothing is flagged.</exception>
    Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Takes the flag from objects that were found good after all; nothing happens to those that have none.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now; no flag is taken.</exception>
    Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);
}
