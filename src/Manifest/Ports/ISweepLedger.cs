using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The part of the manifest that the sweeper reads and writes (docs/design.md, Sweeping): named and dropped objects, and the epoch that
/// reveals a restored manifest.
/// </summary>
/// <remarks>All times are by the clock of the store. Every implementation passes the same conformance kit.</remarks>
public interface ISweepLedger
{
    /// <summary>
    /// The id of this installation, created once with the manifest: the first part of the key of every object that it writes.
    /// </summary>
    string InstallationId { get; }

    /// <summary>Takes or prolongs the lease to sweep a storage space; returns false while another owner has it.</summary>
    Task<bool> TryLeaseAsync(ProviderName space, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Releases the lease if the owner has it.</summary>
    Task ReleaseAsync(ProviderName space, string owner, CancellationToken cancellationToken);

    /// <summary>Returns the state of the storage space.</summary>
    Task<SweepState> ReadStateAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>Gives the space another epoch, and notes the changes that it covers.</summary>
    /// <remarks>Returns false, without effect, if its epoch is no longer that of <paramref name="from"/>.</remarks>
    /// <param name="space">The storage space.</param>
    /// <param name="from">The state as it was read.</param>
    /// <param name="epoch">The new epoch, higher than the old one.</param>
    /// <param name="nonce">Distinguishes this epoch from one of the same number in a copy of the manifest.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<bool> TryRaiseAsync(ProviderName space, SweepState from, long epoch, string nonce, CancellationToken cancellationToken);

    /// <summary>Returns the mark of the space's object store; null before the first.</summary>
    Task<string?> ReadStoreMarkAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>Gives the space a mark if it has none; returns its mark.</summary>
    Task<string> RegisterStoreMarkAsync(ProviderName space, string mark, CancellationToken cancellationToken);

    /// <summary>Notes that the space was swept now.</summary>
    Task SetSweptAsync(ProviderName space, CancellationToken cancellationToken);

    /// <summary>Finds the rows that name these keys, in one set query.</summary>
    /// <remarks>A key that <see cref="ObjectPath"/> cannot parse counts as named.</remarks>
    Task<ObjectNames> FindNamesAsync(ProviderName space, IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Lists objects with a prefix that were dropped at least so long ago, in the order of their keys.</summary>
    /// <param name="prefix">The beginning of the keys, with a slash at its end.</param>
    /// <param name="after">Lists keys behind this one; the default lists from the first.</param>
    /// <param name="age">The minimum age.</param>
    /// <param name="max">The most keys to list.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<IReadOnlyList<ObjectKey>> ListDroppedAsync(
        string prefix, ObjectKey after, TimeSpan age, int max, CancellationToken cancellationToken);

    /// <summary>Removes the notes about deleted objects: that they were dropped, and damaged.</summary>
    Task ForgetDroppedAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken);

    /// <summary>Lists the objects that rows of the storage space name, in the order of their positions.</summary>
    /// <param name="space">The storage space.</param>
    /// <param name="after">Lists behind this object; the default lists from the first.</param>
    /// <param name="max">The most objects to list.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<IReadOnlyList<NamedObject>> ListNamedAsync(ProviderName space, NamedObject after, int max, CancellationToken cancellationToken);
}

/// <summary>An object that a row of the manifest names.</summary>
/// <param name="Position">The position of its row in a listing.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="Length">The length that it must have.</param>
public readonly record struct NamedObject((long Study, long Series, long Number, long Row) Position, ObjectKey Key, long Length);

/// <summary>What the manifest knows about some objects.</summary>
/// <param name="Named">The objects that a row names.</param>
/// <param name="Dropped">The objects that rows have dropped and that are not deleted yet.</param>
/// <param name="Epoch">
/// The epoch of the storage space, read after the names: a lower one than before shows that an older manifest answered.
/// </param>
public sealed record ObjectNames(IReadOnlySet<ObjectKey> Named, IReadOnlySet<ObjectKey> Dropped, long Epoch);

/// <summary>The state of the sweeper of a storage space in the manifest.</summary>
public sealed record SweepState
{
    /// <summary>Counts up; 0 before the first.</summary>
    /// <remarks>The object store keeps the same number, which reveals an older copy of the manifest.</remarks>
    public required long Epoch { get; init; }

    /// <summary>Distinguishes the epoch from one of the same number in a copy of the manifest; empty before the first.</summary>
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
