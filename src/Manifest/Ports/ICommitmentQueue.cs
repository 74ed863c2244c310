using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// Requests for storage commitment (PS3.4 annex J) until they are reported, kept with the manifest: a restart loses none.
/// </summary>
/// <remarks>
/// A request whose report was sent but not recorded is claimed again, and reported twice. Every implementation passes the same conformance
/// kit.
/// </remarks>
public interface ICommitmentQueue
{
    /// <summary>Adds a request in one transaction. It replaces a waiting one with the same space, calling title and transaction.</summary>
    /// <param name="request">A request with at least one reference.</param>
    /// <param name="delay">How long it is not claimed.</param>
    /// <param name="capacity">The most that may wait, this request included.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False, and nothing is added, if too much waits.</returns>
    Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay, CommitmentCapacity capacity, CancellationToken cancellationToken);

    /// <summary>Leases requests that are due by the clock of the store, the longest due first.</summary>
    /// <remarks>A request whose lease ends is claimable again.</remarks>
    Task<IReadOnlyList<CommitmentClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>Returns how long until the next request is due or its lease ends; null if none waits.</summary>
    Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>Removes a claimed request that is reported or given up.</summary>
    /// <returns>False if the lease was lost to another claim, or to a newer request.</returns>
    Task<bool> RemoveAsync(CommitmentClaim claim, CancellationToken cancellationToken);

    /// <summary>Ends the lease of a claimed request; it is claimed again after the delay.</summary>
    /// <param name="claim">The claim as it was returned.</param>
    /// <param name="delay">The pause from now on.</param>
    /// <param name="countsAsAttempt">A report failed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False if the lease was lost.</returns>
    Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt, CancellationToken cancellationToken);
}

/// <summary>The question of an application entity whether instances are safe (PS3.4 section J.3.2).</summary>
public sealed record CommitmentRequest
{
    /// <summary>The storage space of the instances.</summary>
    public required ProviderName Provider { get; init; }

    /// <summary>The requestor, which gets the result.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>Our title in its request.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Transaction UID (0008,1195), which the result repeats.</summary>
    public required string TransactionUid { get; init; }

    public required IReadOnlyList<CommitmentReference> References { get; init; }
}

/// <summary>An instance in a request or a result (Referenced SOP Sequence, (0008,1199)).</summary>
public readonly record struct CommitmentReference(SopClassUid SopClass, SopInstanceUid Sop);

/// <summary>The lease on a due request.</summary>
/// <param name="Id">The id of the request in its queue.</param>
/// <param name="Token">The fencing token of this claim.</param>
/// <param name="Request">The request.</param>
/// <param name="Age">Its age by the clock of the store.</param>
/// <param name="Attempts">Reports that failed so far.</param>
public sealed record CommitmentClaim(long Id, long Token, CommitmentRequest Request, TimeSpan Age, int Attempts);

/// <summary>The capacity of a queue of requests for storage commitment.</summary>
/// <param name="Requests">Requests at once.</param>
/// <param name="References">Instances of all requests together.</param>
public sealed record CommitmentCapacity(int Requests, int References);
