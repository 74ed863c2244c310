using System.Runtime.CompilerServices;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>Reports due requests for storage commitment until the requestor takes the report or the request is too old.</summary>
/// <remarks>
/// The queue holds the due times, so that a restart loses nothing. Each attempt checks again, so that the report is true when it is sent.
/// </remarks>
internal sealed partial class CommitmentRunner(
    ICommitmentQueue queue, CommitmentChecker checker, CommitmentReporter reporter, CommitmentSignal signal,
    IOptions<CommitmentOptions> options,
    Supervision supervision, ILogger<CommitmentRunner> logger)
    : BackgroundService
{
    private readonly CommitmentOptions _options = options.Value;
    private const int Concurrency = 8;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Shorter than the lease, so that an attempt never overlaps with the next.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(100);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(10);

    private readonly SupervisedLoop _loop = supervision.Loop("reports of storage commitment", PollInterval);
    private readonly string _owner = "gateway-" + Guid.NewGuid().ToString("N");

    /// <summary>Claims requests one by one while there is room to perform them.</summary>
    /// <remarks>Unreported requests stay in the queue when the process stops.</remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.RunAsync(
        cancellationToken => Parallel.ForEachAsync(
            ClaimsAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (claim, _) => await PerformAsync(claim, stoppingToken)),
        stoppingToken);

    private async IAsyncEnumerable<CommitmentClaim> ClaimsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<CommitmentClaim> claims = await queue.ClaimDueAsync(_owner, Lease, 1, cancellationToken);
            _loop.Succeed();
            if (claims.Count > 0)
            {
                yield return claims[0];
            }
            else
            {
                await signal.WaitAsync(Earliest(await queue.NextDueAsync(cancellationToken)), cancellationToken);
            }
        }
    }

    private async Task PerformAsync(CommitmentClaim claim, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(AttemptTimeout, supervision.Time, cancellationToken);
        try
        {
            await TryReportAsync(claim, deadline.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SettleAsync(token => queue.PutOffAsync(claim, TimeSpan.Zero, countsAsAttempt: false, token), CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            await FailAsync(claim, "it takes too long", CancellationToken.None);
        }
        catch (Exception error) when (error is ManifestUnavailableException or ObjectStoreException)
        {
            await FailAsync(claim, error.Message, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogBroken(claim.Request.TransactionUid, error);
            await FailAsync(claim, "of a fault of this program; see the log", CancellationToken.None);
        }
    }

    private async Task TryReportAsync(CommitmentClaim claim, CancellationToken cancellationToken)
    {
        CommitmentResult result = await checker.CheckAsync(claim.Request, cancellationToken);
        if (result.IsAnyMissing && claim.Age < _options.Grace)
        {
            TimeSpan left = _options.Grace - claim.Age;
            await SettleAsync(
                token => queue.PutOffAsync(claim, left < RecheckInterval ? left : RecheckInterval, countsAsAttempt: false, token),
                CancellationToken.None);
            return;
        }

        ReportOutcome outcome = await reporter.ReportAsync(claim.Request, result, cancellationToken);
        if (outcome.IsReported)
        {
            await SettleAsync(token => queue.RemoveAsync(claim, token), CancellationToken.None);
            LogReported(claim.Request.CallingAeTitle, claim.Request.TransactionUid, result.Committed.Count, result.Failed.Count);
            return;
        }

        await FailAsync(claim, outcome.Fault!, CancellationToken.None);
    }

    private async Task FailAsync(CommitmentClaim claim, string fault, CancellationToken cancellationToken)
    {
        int attempt = claim.Attempts + 1;
        if (claim.Age >= _options.MaxAge)
        {
            await SettleAsync(token => queue.RemoveAsync(claim, token), cancellationToken);
            LogGivenUp(claim.Request.CallingAeTitle, claim.Request.TransactionUid, attempt, fault);
            return;
        }

        LogFailed(claim.Request.CallingAeTitle, claim.Request.TransactionUid, attempt, fault);
        TimeSpan left = _options.MaxAge - claim.Age;
        TimeSpan delay = Backoff.Of(attempt, _options.RetryDelay, LongestRetryDelay);
        await SettleAsync(token => queue.PutOffAsync(claim, left < delay ? left : delay, countsAsAttempt: true, token), cancellationToken);
    }

    /// <summary>Writes the outcome of a claim even while the process stops.</summary>
    /// <remarks>If that fails, the lease ends by itself, and the request is reported once more.</remarks>
    private async Task SettleAsync(Func<CancellationToken, Task> settle, CancellationToken cancellationToken)
    {
        try
        {
            await settle(cancellationToken);
        }
        catch (ManifestUnavailableException error)
        {
            LogUnavailable(error);
        }
    }

    private static TimeSpan Earliest(TimeSpan? next)
    {
        TimeSpan wait = next < PollInterval ? next.Value : PollInterval;
        return wait < ShortestWait ? ShortestWait : wait;
    }

    [LoggerMessage(
        4552,
        LogLevel.Information,
        "Storage commitment is reported to {AeTitle}, transaction {Transaction}: {Committed} instances safe, {Failed} failed")]
    private partial void LogReported(string aeTitle, string transaction, int committed, int failed);

    [LoggerMessage(
        4553,
        LogLevel.Warning,
        "Storage commitment cannot be reported to {AeTitle}, transaction {Transaction}, attempt {Attempt}: {Fault}")]
    private partial void LogFailed(string aeTitle, string transaction, int attempt, string fault);

    [LoggerMessage(4554, LogLevel.Error, "Storage commitment is never reported to {AeTitle}, transaction {Transaction}: given up after "
        + "{Attempts} attempts, because {Fault}")]
    private partial void LogGivenUp(string aeTitle, string transaction, int attempts, string fault);

    [LoggerMessage(
        4555,
        LogLevel.Warning,
        "Requests for storage commitment cannot be read or written; they are reported when the manifest store works again")]
    private partial void LogUnavailable(Exception error);

    [LoggerMessage(4556, LogLevel.Error, "Checking or reporting storage commitment failed, transaction {Transaction}; it is tried again")]
    private partial void LogBroken(string transaction, Exception error);
}

/// <summary>Wakes the runner for new requests.</summary>
internal sealed class CommitmentSignal(TimeProvider time)
{
    private readonly Signal _signal = new(time);

    public void Raise() => _signal.Raise();

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _signal.WaitAsync(atMost, cancellationToken);
}
