using ImagingIngestion.Grains;

namespace ImagingIngestion.Silo;

/// <summary>
/// Makes index values of older rules anew, a batch at a time so that ingest never waits long for it. What is left is a property of the rows: after a
/// stop or a crash the next process goes on. Looks again from time to time, because a silo of an older version may still write such rows.
/// </summary>
/// <remarks>
/// It supervises itself: whatever fails is logged once, and tried again with growing pauses until it works. Should the loop end all the same, the host stops the
/// process (that is what a host does with the exception of a background service). It is not part of health: a silo with old rows serves everything, and finds
/// them by their old values.
/// </remarks>
internal sealed partial class SearchIndexRenewal(ISearchIndex index, TimeProvider time, ILogger<SearchIndexRenewal> logger) : BackgroundService
{
    private const int RowsPerBatch = 250;

    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private readonly string _owner = "silo-" + Guid.NewGuid().ToString("N");
    private long _renewed;
    private long _reportedAt;
    private int _faults;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                TimeSpan pause = await TryRenewAsync(stoppingToken);
                using PeriodicTimer timer = new(pause, time);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; what is left is for the next one.
        }
    }

    /// <summary>How long to wait before the next batch.</summary>
    private async Task<TimeSpan> TryRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            int renewed = await index.RenewAsync(_owner, RowsPerBatch, cancellationToken);
            await ReportAsync(renewed, cancellationToken);
            _faults = 0;
            return renewed > 0 ? PauseBetweenBatches : LookInterval;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (_faults++ == 0)
            {
                LogFailed(error);
            }

            return Backoff.Of(_faults, LookInterval);
        }
    }

    private async Task ReportAsync(int renewed, CancellationToken cancellationToken)
    {
        if (renewed > 0 && (_renewed == 0 || time.GetElapsedTime(_reportedAt) >= ReportInterval))
        {
            _reportedAt = time.GetTimestamp();
            LogProgress(_renewed + renewed, await index.CountOutdatedAsync(cancellationToken));
        }

        if (renewed == 0 && _renewed > 0)
        {
            LogFinished(_renewed);
        }

        _renewed = renewed > 0 ? _renewed + renewed : 0;
    }

    [LoggerMessage(3060, LogLevel.Information, "Search values of studies and series are being made anew by the rules of this version: {Renewed} rows done, {Left} left")]
    private partial void LogProgress(long renewed, long left);

    [LoggerMessage(3061, LogLevel.Information, "Search values of {Renewed} studies and series were made anew; none is left to this process")]
    private partial void LogFinished(long renewed);

    [LoggerMessage(3062, LogLevel.Warning, "Search values cannot be made anew now; the next try follows by itself")]
    private partial void LogFailed(Exception error);
}
