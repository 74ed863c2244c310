using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

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

/// <summary>An application entity asks whether instances are safe (PS3.4 section J.3.2).</summary>
public sealed record CommitmentRequest
{
    /// <summary>Where the instances are looked for.</summary>
    public required ProviderName Provider { get; init; }

    /// <summary>Who asks, and hears the result.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>The title that it knows us under.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Transaction UID (0008,1195), which the result repeats.</summary>
    public required string TransactionUid { get; init; }

    public required IReadOnlyList<CommitmentReference> References { get; init; }
}

/// <summary>An instance whose safe keeping is asked for, or told (Referenced SOP Sequence, (0008,1199)).</summary>
public readonly record struct CommitmentReference(SopClassUid SopClass, SopInstanceUid Sop);

/// <summary>The lease on a request that is due.</summary>
/// <param name="Id">Names the request in its queue.</param>
/// <param name="Token">The fencing token of this claim.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Age">How long ago, by the clock of the store.</param>
/// <param name="Attempts">Reports that failed so far.</param>
public sealed record CommitmentClaim(long Id, long Token, CommitmentRequest Request, TimeSpan Age, int Attempts);

/// <summary>How much may wait in a queue of requests for storage commitment.</summary>
/// <param name="Requests">Requests at once.</param>
/// <param name="References">Instances that all of them together ask for.</param>
public sealed record CommitmentCapacity(int Requests, int References);
