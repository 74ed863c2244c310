using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// Requests for storage commitment (PS3.4 annex J) until they are reported, kept with the manifest: a restart loses none. A request whose
/// report was sent but not recorded is claimed again, and reported twice. Every implementation passes the same conformance kit.
/// </summary>
public interface ICommitmentQueue
{
    /// <summary>
    /// Adds a request in one transaction. One of the same space, calling title and transaction that waits is taken back: the newer one
    /// counts.
    /// </summary>
    /// <param name="request">At least one reference.</param>
    /// <param name="delay">How long it is not claimed.</param>
    /// <param name="capacity">What may wait, this request included.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False, and nothing is added, when too much waits.</returns>
    Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay, CommitmentCapacity capacity, CancellationToken cancellationToken);

    /// <summary>
    /// Leases requests that are due by the clock of the store, the longest due first. One whose lease ends is claimable again.
    /// </summary>
    Task<IReadOnlyList<CommitmentClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>How long until the next request is due or its lease ends; null when none waits.</summary>
    Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>Removes a claimed request: it is reported, or given up.</summary>
    /// <returns>False when the lease was lost to another claim, or to a newer request.</returns>
    Task<bool> RemoveAsync(CommitmentClaim claim, CancellationToken cancellationToken);

    /// <summary>Ends the lease of a claimed request; it is claimed again after the delay.</summary>
    /// <param name="claim">As it was claimed.</param>
    /// <param name="delay">From now on.</param>
    /// <param name="countsAsAttempt">A report failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when the lease was lost.</returns>
    Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt, CancellationToken cancellationToken);
}
