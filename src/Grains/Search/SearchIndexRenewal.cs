using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Search;

/// <summary>Renews index values of older rules, a batch at a time, so that ingest never waits long for it.</summary>
/// <remarks>
/// The rows themselves show what is left: after a stop or a crash the next process continues. The loop looks again regularly, because a
/// silo of an older version may still write such rows.
/// </remarks>
internal sealed partial class SearchIndexRenewal(ISearchIndex index, Supervision supervision, ILogger<SearchIndexRenewal> logger)
    : BackgroundService
{
    private const int RowsPerBatch = 250;

    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private readonly SupervisedLoop _loop = supervision.Loop("renewal of search values", LookInterval);
    private readonly string _owner = "silo-" + Guid.NewGuid().ToString("N");
    private long _renewed;
    private long _reportedAt;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.RunAsync(RenewAsync, stoppingToken);

    /// <summary>Renews until cancelled; the next silo continues.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int renewed = await index.RenewAsync(_owner, RowsPerBatch, cancellationToken);
            await ReportAsync(renewed, cancellationToken);
            _loop.Succeed();
            await _loop.PauseAsync(renewed > 0 ? PauseBetweenBatches : LookInterval, cancellationToken);
        }
    }

    private async Task ReportAsync(int renewed, CancellationToken cancellationToken)
    {
        if (renewed > 0 && (_renewed == 0 || supervision.Time.GetElapsedTime(_reportedAt) >= ReportInterval))
        {
            _reportedAt = supervision.Time.GetTimestamp();
            LogProgress(_renewed + renewed, await index.CountOutdatedAsync(cancellationToken));
        }

        if (renewed == 0 && _renewed > 0)
        {
            LogFinished(_renewed);
        }

        _renewed = renewed > 0 ? _renewed + renewed : 0;
    }

    [LoggerMessage(
        3060,
        LogLevel.Information,
        "Renewing search values of studies and series by the rules of this version: {Renewed} rows done, {Left} left")]
    private partial void LogProgress(long renewed, long left);

    [LoggerMessage(
        3061, LogLevel.Information, "Renewed search values of {Renewed} studies and series; none is left to this process")]
    private partial void LogFinished(long renewed);
}
