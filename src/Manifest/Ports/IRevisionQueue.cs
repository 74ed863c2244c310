using ImagingIngestion.Manifest.Revisions;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The due times of open revisions, kept with the manifest (design promise 3): restarts, several silos and clocks that differ change
/// nothing.
/// </summary>
public interface IRevisionQueue
{
    /// <summary>
    /// Leases revisions that are due by the clock of the store, the longest due first, to an owner. A lease that ends without a closing
    /// makes the revision claimable again.
    /// </summary>
    Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>How long until the next revision is due or claimable again; null when none is open.</summary>
    Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken);
}
