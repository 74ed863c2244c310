using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Verifies in each interval of the sweeper so many objects that all of them are verified within the time that is set.</summary>
internal sealed class ContentShare(ContentCheck check, IContentLedger ledger, ProviderName space, SweeperOptions options, TimeProvider time)
{
    private const string Name = "sweeper";
    private const int Batch = 32;

    /// <summary>Checks the share of one interval, behind that of the one before.</summary>
    /// <param name="mayGoOn">False when another process sweeps.</param>
    /// <param name="cancellationToken">Gives up; what was checked is noted.</param>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
    /// <exception cref="ObjectStoreException">The object store cannot be asked.</exception>
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

/// <summary>Makes the share of each interval.</summary>
public sealed partial class ContentShares(
    IContentLedger ledger, ISweepLedger names, IObjectStore objects, IDamagedObjects damaged, DamageReports reports, TimeProvider time,
    ILogger<ContentShares> logger)
{
    internal ContentShare Next(ProviderName space, SweeperOptions options)
        => new(
            new ContentCheck(ledger, names, objects, damaged, reports, space, new ReadRate(options.VerifyRate, time))
            {
                Tell = (key, what) => LogFound(key.Value, what)
            },
            ledger,
            space,
            options,
            time);

    [LoggerMessage(2315, LogLevel.Warning, "Object {Key} {What}")]
    private partial void LogFound(string key, string what);
}
