using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The part of the manifest that a check of the content of objects reads and writes.</summary>
/// <remarks>Every implementation passes the same conformance kit.</remarks>
public interface IContentLedger
{
    /// <summary>Lists the instances of a storage space in the order of their positions.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">Lists behind this position; the default lists from the first.</param>
    /// <param name="max">The most instances to list.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    Task<IReadOnlyList<ListedInstance>> ListAsync(ProviderName space, InstancePosition after, int max, CancellationToken cancellationToken);

    /// <summary>Lists the instances of a storage space whose object is flagged as damaged, in the order of their objects' keys.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">Lists behind this key; the default lists from the first.</param>
    /// <param name="max">The most instances to list.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    Task<IReadOnlyList<ListedInstance>> ListDamagedAsync(ProviderName space, ObjectKey after, int max, CancellationToken cancellationToken);

    /// <summary>Gives a row the checksum of its object. Does nothing if the row has one, or names another object by now.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now.</exception>
    Task SetChecksumAsync(ListedInstance instance, ulong checksum, CancellationToken cancellationToken);

    /// <summary>Returns the progress of a check; null if none is running.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    Task<ContentProgress?> ReadProgressAsync(ProviderName space, string check, CancellationToken cancellationToken);

    /// <summary>Notes the progress of a check; null removes it.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now.</exception>
    Task SaveProgressAsync(ProviderName space, string check, ContentProgress? progress, CancellationToken cancellationToken);

    /// <summary>Counts the instances of a storage space.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    Task<long> CountAsync(ProviderName space, CancellationToken cancellationToken);
}

/// <summary>An instance with its study, as a check of the content lists it.</summary>
public sealed record ListedInstance(InstancePosition Position, StudyInstanceUid Study, InstanceState State);

/// <summary>The position of an instance's row in a listing.</summary>
public readonly record struct InstancePosition(long Study, long Series, long Number, long Row)
{
    /// <summary>Before every row, including those with a negative number.</summary>
    public static InstancePosition Start { get; } = new(0, 0, long.MinValue, 0);
}

/// <summary>The progress of a check of the content.</summary>
/// <param name="Position">The last instance that was checked.</param>
/// <param name="Objects">Objects that were checked since it began.</param>
/// <param name="BegunAt">When it began, by the clock of the checking process.</param>
public sealed record ContentProgress(InstancePosition Position, long Objects, DateTimeOffset BegunAt);

/// <summary>The objects that were found missing or with other length or bytes; <see cref="InstanceState.IsDamaged"/> shows them.</summary>
/// <remarks>Every implementation passes the same conformance kit.</remarks>
public interface IDamagedObjects
{
    /// <summary>Flags objects that are not flagged yet.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now; nothing is flagged.</exception>
    Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Removes the flag from objects that were found good after all.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now; no flag is removed.</exception>
    Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);
}
