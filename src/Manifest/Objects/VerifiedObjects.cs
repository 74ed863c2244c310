using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>
/// Opens whole objects so that damaged bytes are never taken for good ones. An object of before checksums were kept is handed out as it is,
/// until a check of the content gives it one. An object that is missing or shorter than its row says is reported when it is opened.
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
    /// <exception cref="ObjectDamagedException">It is missing, or its bytes are not those that were stored.</exception>
    /// <exception cref="ObjectStoreException">It cannot be read now.</exception>
    public async Task<Stream> OpenAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        Stream source = await OpenRangeAsync(instance, 0, instance.ObjectLength, cancellationToken);
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
    /// <exception cref="ObjectDamagedException">It is missing, or its bytes are not those that were stored.</exception>
    /// <exception cref="ObjectStoreException">It cannot be read now.</exception>
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

    /// <summary>Reads a whole object that could not be made sense of, to tell a damaged one from one that was stored so.</summary>
    /// <exception cref="ObjectDamagedException">It is missing, or its bytes are not those that were stored.</exception>
    /// <exception cref="ObjectStoreException">It cannot be read now.</exception>
    public async Task VerifyAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        await using Stream stream = await OpenAsync(instance, cancellationToken);
        await StreamCopy.SkipAsync(stream, instance.ObjectLength, cancellationToken);
    }

    /// <summary>Opens a range of an object. Nothing tells whether its bytes are good, only that they are there.</summary>
    /// <exception cref="ObjectDamagedException">The object is flagged, missing, or ends before the range does.</exception>
    /// <exception cref="ObjectStoreException">It cannot be read now.</exception>
    public async Task<Stream> OpenRangeAsync(InstanceState instance, long offset, long length, CancellationToken cancellationToken)
    {
        ThrowIfDamaged(instance);
        Stream stream;
        try
        {
            stream = await objects.OpenReadAsync(instance.Object, offset, length, cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault == ObjectStoreFault.NotFound)
        {
            throw await CondemnAsync(instance, Damage.Missing, cancellationToken);
        }

        if (stream.Length >= Math.Min(length, instance.ObjectLength - offset))
        {
            return stream;
        }

        await stream.DisposeAsync();
        throw await CondemnAsync(instance, Damage.Length, cancellationToken);
    }

    private async Task<ObjectDamagedException> CondemnAsync(InstanceState instance, Damage damage, CancellationToken cancellationToken)
    {
        await reports.ReportAsync(instance, damage, cancellationToken);
        return new ObjectDamagedException(instance.Id);
    }

    /// <summary>Reads the object once more: bits may flip in memory or on the way too, and that must not condemn a good object.</summary>
    private async Task<Exception> ExplainAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        Damage damage = (await ObjectDigest.ReadAsync(objects, instance, withHash: false, rate: null, cancellationToken)).Compare(instance);
        if (damage == Damage.None)
        {
            LogOnce(instance.Object.Value, instance.Id.Sop.Value);
            return new ObjectStoreException(ObjectStoreFault.Unavailable, "An object was read with wrong bytes once, and with the right ones a moment later.");
        }

        return await CondemnAsync(instance, damage, cancellationToken);
    }

    [LoggerMessage(2312, LogLevel.Warning, "Object {Key} of instance {SopInstanceUid} was read with wrong bytes once, and with the right ones a moment later: check the memory and the network of this machine")]
    private partial void LogOnce(string key, string sopInstanceUid);
}
