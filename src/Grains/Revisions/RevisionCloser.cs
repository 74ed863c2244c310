using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Revisions;

/// <summary>
/// Closes one claimed revision: calls its study, and again while the store or the study cannot take it and the claim holds.
/// </summary>
internal sealed partial class RevisionCloser(
    IGrainFactory studies, IOptions<RevisionOptions> options, TimeProvider time, ILogger<RevisionCloser> logger)
{
    private readonly RevisionOptions _options = options.Value;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Closes the revision. Never throws: what is not closed becomes claimable again when the lease ends.</summary>
    /// <param name="claim">The lease.</param>
    /// <param name="claimed">When it began, as a timestamp of the time provider.</param>
    /// <param name="cancellationToken">Ends the attempts; a running one is finished.</param>
    public async Task CloseAsync(RevisionClaim claim, long claimed, CancellationToken cancellationToken)
    {
        for (int faults = 1; ; faults++)
        {
            try
            {
                bool isClosed = await studies.GetStudyGrain(claim.Study).ReviseAsync(claim, CancellationToken.None);
                LogOutcome(isClosed, claim);
                return;
            }
            catch (Exception error) when (error is ManifestUnavailableException or GrainOverloadedException)
            {
                TimeSpan pause = Backoff.Of(faults, LongestPause);
                if (cancellationToken.IsCancellationRequested || time.GetElapsedTime(claimed) + pause >= _options.Lease)
                {
                    LogPostponed(logger, claim.Revision, claim.Study.Study.Value, error.GetType().Name);
                    return;
                }

                // When the silo stops, one more attempt follows at once.
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                LogFailed(logger, claim.Revision, claim.Study.Study.Value, error);
                return;
            }
        }
    }

    private void LogOutcome(bool isClosed, RevisionClaim claim)
    {
        if (isClosed)
        {
            LogClosed(logger, claim.Revision, claim.Study.Study.Value);
        }
        else
        {
            LogNotDue(logger, claim.Revision, claim.Study.Study.Value);
        }
    }

    [LoggerMessage(3041, LogLevel.Debug, "Revision {Revision} of study {Study} is closed")]
    private static partial void LogClosed(ILogger logger, int revision, string study);

    [LoggerMessage(3042, LogLevel.Debug, "Revision {Revision} of study {Study} is no longer due, or another silo closed it")]
    private static partial void LogNotDue(ILogger logger, int revision, string study);

    [LoggerMessage(3043, LogLevel.Warning, "Revision {Revision} of study {Study} is postponed until its lease ends: {Fault}")]
    private static partial void LogPostponed(ILogger logger, int revision, string study, string fault);

    [LoggerMessage(3044, LogLevel.Error, "Revision {Revision} of study {Study} cannot be closed; it is tried again when its lease ends")]
    private static partial void LogFailed(ILogger logger, int revision, string study, Exception error);
}
