using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Verifies enough objects in each interval of the sweeper to verify all of them within the configured time.</summary>
internal sealed class ContentShare(ContentCheck check, IContentLedger ledger, ProviderName space, SweeperOptions options, TimeProvider time)
{
    private const string Name = "sweeper";
    private const int Batch = 32;

    /// <summary>Verifies the share of one interval, behind that of the one before.</summary>
    /// <param name="mayGoOn">Returns false if another process sweeps.</param>
    /// <param name="cancellationToken">Cancels; checked objects are noted.</param>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    /// <exception cref="ObjectStoreException">The object store is not available.</exception>
    public async Task<ContentCounts> RunAsync(Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        if (options.VerifyWithin == TimeSpan.Zero)
        {
            return default;
        }

        long total = await ledger.CountAsync(space, cancellationToken);
        long share = (long)Math.Ceiling(total * Math.Min(1, options.Interval / options.VerifyWithin));
        long began = time.GetTimestamp();
        await check.RunAsync(
            Name,
            time.GetUtcNow(),
            _ => mayGoOn() && time.GetElapsedTime(began) < options.Interval ? (int)Math.Min(Batch, share - check.Counts.Objects) : 0,
            cancellationToken);
        return check.Counts;
    }
}

/// <summary>Creates the share of each interval.</summary>
public sealed partial class ContentShares(
    IContentLedger ledger, ISweepLedger names, IObjectStore objects, IDamagedObjects damaged, DamageReports reports, TimeProvider time,
    ILogger<ContentShares> logger)
{
    internal ContentShare Next(ProviderName space, SweeperOptions options)
        => new(
            new ContentCheck(ledger, names, objects, damaged, reports, space, new ReadRate(options.VerifyRate, time))
            {
                Report = (key, what) => LogFound(key.Value, what)
            },
            ledger,
            space,
            options,
            time);

    [LoggerMessage(2315, LogLevel.Warning, "Object {Key} {What}")]
    private partial void LogFound(string key, string what);
}
