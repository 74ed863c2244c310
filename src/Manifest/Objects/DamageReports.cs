using System.Diagnostics.Metrics;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>Flags damaged objects in the manifest, so that no reader gets them, and reports them in the log and in a metric.</summary>
public sealed partial class DamageReports(IDamagedObjects damaged, ILogger<DamageReports> logger)
{
    private static readonly Meter Meter = new("ImagingIngestion");

    private static readonly Counter<long> Found = Meter.CreateCounter<long>(
        "imaging.objects.damaged",
        unit: "{object}",
        description: "Objects that were found missing, of another length or with other bytes than were stored.");

    private static readonly Counter<long> Repaired = Meter.CreateCounter<long>(
        "imaging.objects.repaired",
        unit: "{object}",
        description: "Damaged objects whose place the object of an instance that was sent again has taken.");

    /// <summary>Flags an object. If the manifest cannot be written now, the finding is still logged and counted.</summary>
    /// <param name="instance">The row that names it.</param>
    /// <param name="damage">The kind of damage.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
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

    /// <summary>Reports that a damaged object is no longer needed.</summary>
    /// <param name="study">The study of the instance.</param>
    /// <param name="instance">The current row.</param>
    /// <param name="damaged">The object that the row named before.</param>
    /// <param name="isOtherContent">The content of the damaged object is lost, and other content has replaced it as a modification.</param>
    public void ReportRepair(StudyKey study, InstanceState instance, ObjectKey damaged, bool isOtherContent)
    {
        Repaired.Add(1, new KeyValuePair<string, object?>("content", isOtherContent ? "other" : "same"));
        if (isOtherContent)
        {
            LogReplaced(damaged.Value, instance.Id.Sop.Value, study.Study.Value, instance.Object.Value);
        }
        else
        {
            LogRepaired(damaged.Value, instance.Id.Sop.Value, study.Study.Value, instance.Object.Value);
        }
    }

    [LoggerMessage(2310, LogLevel.Error, "Object {Key} of instance {SopInstanceUid} in series {SeriesInstanceUid} is damaged ({Damage}): "
        + "send the instance again, or restore the object and run 'check --content'")]
    private partial void LogDamaged(string key, string sopInstanceUid, string seriesInstanceUid, Damage damage);

    [LoggerMessage(2311, LogLevel.Warning, "Object {Key} could not be flagged as damaged; the next read of it will try again")]
    private partial void LogNotFlagged(string key, Exception exception);

    [LoggerMessage(2313, LogLevel.Warning, "Repaired instance {SopInstanceUid} of study {StudyInstanceUid}: it was sent again, and object "
        + "{Key} takes the place of the damaged object {DamagedKey}")]
    private partial void LogRepaired(string damagedKey, string sopInstanceUid, string studyInstanceUid, string key);

    [LoggerMessage(2314, LogLevel.Warning, "The content of instance {SopInstanceUid} of study {StudyInstanceUid} is lost with the damaged "
        + "object {DamagedKey}; other content that was sent, object {Key}, takes its place as a modification")]
    private partial void LogReplaced(string damagedKey, string sopInstanceUid, string studyInstanceUid, string key);
}

/// <summary>What is wrong with an object.</summary>
public enum Damage
{
    /// <summary>It exists and has the stored bytes.</summary>
    None,

    /// <summary>There is no object with this key.</summary>
    Missing,

    /// <summary>It is shorter or longer than what was stored.</summary>
    Length,

    /// <summary>It has the stored length, and other bytes.</summary>
    Content,
}

/// <summary>Looks at the objects of rows, because a row is no proof of its object.</summary>
public static class ObjectLook
{
    /// <summary>Returns what is wrong with the object of a row, without reading it; a flagged one counts as damaged content.</summary>
    /// <exception cref="ObjectStoreException">The store does not answer now, which says nothing about the object.</exception>
    public static async Task<Damage> LookAsync(this IObjectStore objects, InstanceState instance, CancellationToken cancellationToken)
        => instance.IsDamaged ? Damage.Content
            : await objects.FindAsync(instance.Object, cancellationToken) is not { } found ? Damage.Missing
            : found.Length != instance.ObjectLength ? Damage.Length
            : Damage.None;
}
