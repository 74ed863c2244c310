using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

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
