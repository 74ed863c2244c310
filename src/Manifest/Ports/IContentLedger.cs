using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// What a check of the content of objects reads and notes in the manifest. Every implementation passes the same conformance kit.
/// </summary>
public interface IContentLedger
{
    /// <summary>The instances of a storage space in the order of their positions.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">The position behind which to go on; the default lists from the first.</param>
    /// <param name="max">The most instances to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    Task<IReadOnlyList<ListedInstance>> ListAsync(ProviderName space, InstancePosition after, int max, CancellationToken cancellationToken);

    /// <summary>The instances of a storage space whose object is flagged as damaged, in the order of their objects' keys.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">The key behind which to go on; the default lists from the first.</param>
    /// <param name="max">The most instances to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    Task<IReadOnlyList<ListedInstance>> ListDamagedAsync(ProviderName space, ObjectKey after, int max, CancellationToken cancellationToken);

    /// <summary>Gives a row the checksum of its object. Nothing happens when it has one, or names another object by now.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now.</exception>
    Task SetChecksumAsync(ListedInstance instance, ulong checksum, CancellationToken cancellationToken);

    /// <summary>How far a check has come; null when none is on its way.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    Task<ContentProgress?> ReadProgressAsync(ProviderName space, string check, CancellationToken cancellationToken);

    /// <summary>Notes how far a check has come; null forgets it.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be written now.</exception>
    Task SaveProgressAsync(ProviderName space, string check, ContentProgress? progress, CancellationToken cancellationToken);

    /// <summary>How many instances a storage space has.</summary>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    Task<long> CountAsync(ProviderName space, CancellationToken cancellationToken);
}

/// <summary>An instance with the study that it belongs to, as a check of the content lists it.</summary>
public sealed record ListedInstance(InstancePosition Position, StudyInstanceUid Study, InstanceState State);

/// <summary>Where the row of an instance stands; a listing goes on behind it.</summary>
public readonly record struct InstancePosition(long Study, long Series, long Number, long Row)
{
    /// <summary>Before every row, also before those whose number is negative.</summary>
    public static InstancePosition Start { get; } = new(0, 0, long.MinValue, 0);
}

/// <summary>How far a check of the content has come.</summary>
/// <param name="Position">The last instance that was checked.</param>
/// <param name="Objects">How many were checked since it began.</param>
/// <param name="BegunAt">When it began, by the clock of whoever runs it.</param>
public sealed record ContentProgress(InstancePosition Position, long Objects, DateTimeOffset BegunAt);
