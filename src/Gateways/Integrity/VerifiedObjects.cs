using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Opens whole objects so that damaged bytes are never taken for good ones. An object of before checksums were kept is handed out as it is,
/// until a check of the content gives it one.
/// </summary>
public sealed partial class VerifiedObjects(IObjectStore objects, DamageReports reports, ILogger<VerifiedObjects> logger)
{
    /// <summary>Refuses an object that is known to be damaged.</summary>
    /// <exception cref="ObjectDamagedException">It is flagged.</exception>
    public static void ThrowIfDamaged(InstanceState instance)
    {
        if (instance.IsDamaged)
        {
            throw new ObjectDamagedException(instance.Id);
        }
    }

    /// <summary>Opens an object from its first byte. Reading its last bytes throws what opening a damaged one would.</summary>
    /// <exception cref="ObjectDamagedException">Its bytes are not those that were stored.</exception>
    /// <exception cref="ObjectStoreException">There is no such object, or it cannot be read.</exception>
    public async Task<Stream> OpenAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        ThrowIfDamaged(instance);
        Stream source = await objects.OpenReadAsync(instance.Object, 0, instance.ObjectLength, cancellationToken);
        if (instance.ObjectChecksum is not { } checksum)
        {
            return source;
        }

        VerifyingStream stream = new(source, instance.ObjectLength, checksum, token => ExplainAsync(instance, token));
        try
        {
            await stream.PrepareAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an object at its data set; the head before that is verified too.</summary>
    /// <exception cref="ObjectDamagedException">Its bytes are not those that were stored.</exception>
    /// <exception cref="ObjectStoreException">There is no such object, or it cannot be read.</exception>
    public async Task<Stream> OpenDataSetAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        Stream stream = await OpenAsync(instance, cancellationToken);
        try
        {
            await StreamCopy.SkipAsync(stream, instance.DataSetOffset, cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the object once more: bits may flip in memory or on the way too, and that must not condemn a good object.</summary>
    private async Task<Exception> ExplainAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        ObjectDigest again = await ObjectDigest.ReadAsync(objects, instance, withHash: false, rate: null, cancellationToken);
        if (again.Compare(instance) is Damage.None)
        {
            LogOnce(instance.Object.Value, instance.Id.Sop.Value);
            return new ObjectStoreException(ObjectStoreFault.Unavailable, "An object was read with wrong bytes once, and with the right ones a moment later.");
        }

        await reports.ReportAsync(instance, again.Compare(instance), cancellationToken);
        return new ObjectDamagedException(instance.Id);
    }

    [LoggerMessage(2312, LogLevel.Warning, "Object {Key} of instance {SopInstanceUid} was read with wrong bytes once, and with the right ones a moment later: check the memory and the network of this machine")]
    private partial void LogOnce(string key, string sopInstanceUid);
}
