using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// What the sweeper reads and writes in the manifest (design D4): which objects rows name, which they dropped, and the epoch by which a
/// restored manifest is told. All times are by the clock of the store. Every implementation passes the same conformance kit.
/// </summary>
public interface ISweepLedger
{
    /// <summary>
    /// The id of this installation, made once with the manifest: the first part of the key of every object that it writes.
    /// </summary>
    string InstallationId { get; }

    /// <summary>Takes or prolongs the right to sweep a storage space; false while somebody else has it.</summary>
    Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Gives the right back; nothing happens when the owner does not have it.</summary>
    Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken);

    /// <summary>How far the storage space is.</summary>
    Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the space another epoch, and notes the changes that it covers; false, and nothing happens, when the epoch is not that of
    /// <paramref name="from"/> any more.
    /// </summary>
    /// <param name="space">The storage space.</param>
    /// <param name="from">The state as it was read.</param>
    /// <param name="epoch">The new epoch, higher than the old one.</param>
    /// <param name="nonce">A text that tells this epoch from one of the same number in a copy of the manifest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken);

    /// <summary>The mark by which the storage space knows its object store; null before the first.</summary>
    Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>Gives the space a mark if it has none; returns the one that it has then.</summary>
    Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken);

    /// <summary>Notes that the space was swept just now.</summary>
    Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>
    /// Looks for the rows that name these keys, in one set query. A key that <see cref="ObjectPath"/> does not know counts as named.
    /// </summary>
    Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Objects whose key begins with a prefix and which were dropped at least so long ago, in the order of their keys.</summary>
    /// <param name="prefix">Ends with a slash.</param>
    /// <param name="after">Lists keys behind this one; the default lists from the first.</param>
    /// <param name="age">The least age.</param>
    /// <param name="max">The most keys to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken);

    /// <summary>Forgets dropped objects that are deleted, and that any of them was damaged.</summary>
    Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Objects that rows of the storage space name, in the order of their positions.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">The last object that was listed; the default lists from the first.</param>
    /// <param name="max">The most objects to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<NamedObject>> ListNamedAsync(ProviderName space, NamedObject after, int max, CancellationToken cancellationToken);
}

/// <summary>An object that a row of the manifest names.</summary>
/// <param name="Position">Where the row stands; a listing goes on behind it.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="Length">Bytes that it must have.</param>
public readonly record struct NamedObject((long Study, long Series, long Number, long Row) Position, ObjectKey Key, long Length);

/// <summary>What the manifest knows of some objects.</summary>
/// <param name="Named">Those that a row names.</param>
/// <param name="Dropped">Those that rows have dropped and that are not yet deleted.</param>
/// <param name="Epoch">
/// The epoch of the storage space, read after the names: one that is lower than before means that an older manifest was asked.
/// </param>
public sealed record ObjectNames(IReadOnlySet<ObjectKey> Named, IReadOnlySet<ObjectKey> Dropped, long Epoch);

/// <summary>How far the sweeper of a storage space is, as the manifest tells it.</summary>
public sealed record SweepState
{
    /// <summary>
    /// Counts up; 0 before the first. The object store keeps the same number, so that an older copy of the manifest is noticed.
    /// </summary>
    public required long Epoch { get; init; }

    /// <summary>Tells the epoch from one of the same number in a copy of the manifest; empty before the first.</summary>
    public required string Nonce { get; init; }

    /// <summary>The number of the last change that the epoch covers.</summary>
    public required long CoveredChange { get; init; }

    /// <summary>The number of the last change of the manifest that stored objects, in any storage space.</summary>
    public required long LastChange { get; init; }

    /// <summary>When the space was swept, or when its first epoch began.</summary>
    public required DateTimeOffset SweptAt { get; init; }

    /// <summary>The clock of the store.</summary>
    public required DateTimeOffset Now { get; init; }
}
