using System.Diagnostics.Metrics;
using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>Flags the objects that were found damaged: in the manifest, so that nobody hands them out, in the log and in a metric.</summary>
public sealed partial class DamageReports(IDamagedObjects damaged, ILogger<DamageReports> logger)
{
    private static readonly Meter Meter = new("ImagingIngestion");

    private static readonly Counter<long> Found = Meter.CreateCounter<long>(
        "imaging.objects.damaged", unit: "{object}", description: "Objects that were found missing, of another length or with other bytes than were stored.");

    /// <summary>Flags an object. A manifest that cannot be written now keeps the finding from being noted, not from being told.</summary>
    /// <param name="instance">The row that names it.</param>
    /// <param name="damage">What is wrong with it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ReportAsync(InstanceState instance, Damage damage, CancellationToken cancellationToken)
    {
        LogDamaged(instance.Object.Value, instance.Id.Sop.Value, instance.Id.Series.Value, damage);
        Found.Add(1, new KeyValuePair<string, object?>("damage", damage.ToString().ToLowerInvariant()));
        try
        {
            await damaged.AddAsync([instance.Object], cancellationToken);
        }
        catch (ManifestUnavailableException exception)
        {
            LogNotFlagged(instance.Object.Value, exception);
        }
    }

    [LoggerMessage(2310, LogLevel.Error, "Object {Key} of instance {SopInstanceUid} in series {SeriesInstanceUid} is damaged ({Damage}): send the instance again, or restore the object and run 'check --content'")]
    private partial void LogDamaged(string key, string sopInstanceUid, string seriesInstanceUid, Damage damage);

    [LoggerMessage(2311, LogLevel.Warning, "Object {Key} could not be flagged as damaged; the next read of it will try again")]
    private partial void LogNotFlagged(string key, Exception exception);
}
