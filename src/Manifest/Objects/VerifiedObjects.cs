using System.Buffers;
using System.IO.Hashing;
using ImagingIngestion.Manifest.Identity;
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
            return new ObjectStoreException(
                ObjectStoreFault.Unavailable, "An object was read with wrong bytes once, and with the right ones a moment later.");
        }

        return await CondemnAsync(instance, damage, cancellationToken);
    }

    [LoggerMessage(2312, LogLevel.Warning, "Object {Key} of instance {SopInstanceUid} was read with wrong bytes once, and with the right "
        + "ones a moment later: check the memory and the network of this machine")]
    private partial void LogOnce(string key, string sopInstanceUid);
}

/// <summary>
/// The object of an instance is missing or has other bytes than were stored, or was flagged as damaged before: asking again does not help.
/// </summary>
public sealed class ObjectDamagedException(InstanceId instance)
    : Exception($"The object of instance {instance.Sop} of series {instance.Series} is missing or damaged. Send the instance again, or "
        + "restore the object and run 'check --content'.");

/// <summary>
/// Reads a whole object and compares its bytes with their checksum on the way. The last bytes are handed out only after that, and a small
/// object only as a whole: whoever reads damaged bytes never gets all of them.
/// </summary>
/// <param name="source">The object from its first byte.</param>
/// <param name="length">Bytes of the object.</param>
/// <param name="checksum">XXH3 of them.</param>
/// <param name="explain">Returns what is thrown when the bytes end early or have another checksum.</param>
internal sealed class VerifyingStream(Stream source, long length, ulong checksum, Func<CancellationToken, Task<Exception>> explain)
    : ForwardStream
{
    private const int SmallObject = 256 << 10;
    private const int TailOfLargeObject = 64 << 10;

    private readonly XxHash3 _hash = new();
    private readonly int _tailLength = (int)(length <= SmallObject ? length : TailOfLargeObject);
    private byte[]? _tail;
    private long _position;

    /// <summary>Bytes that were handed out.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Verifies a small object before anything of it is handed out; a large one is verified while it is read.</summary>
    public ValueTask PrepareAsync(CancellationToken cancellationToken)
        => _tailLength == length ? LoadTailAsync(cancellationToken) : ValueTask.CompletedTask;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        long beforeTail = length - _tailLength - _position;
        if (beforeTail > 0)
        {
            Memory<byte> block = buffer[..(int)Math.Min(buffer.Length, beforeTail)];
            int read = await source.ReadAsync(block, cancellationToken);
            if (read == 0)
            {
                throw await explain(cancellationToken);
            }

            _hash.Append(block.Span[..read]);
            _position += read;
            return read;
        }

        if (_tail is null)
        {
            await LoadTailAsync(cancellationToken);
        }

        int count = (int)Math.Min(buffer.Length, length - _position);
        _tail.AsSpan((int)(_tailLength - (length - _position)), count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _tail, null) is { } tail)
        {
            ArrayPool<byte>.Shared.Return(tail);
        }

        await source.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask LoadTailAsync(CancellationToken cancellationToken)
    {
        byte[] tail = ArrayPool<byte>.Shared.Rent(_tailLength);
        try
        {
            int read =
                await source.ReadAtLeastAsync(tail.AsMemory(0, _tailLength), _tailLength, throwOnEndOfStream: false, cancellationToken);
            _hash.Append(tail.AsSpan(0, read));
            if (read < _tailLength || _hash.GetCurrentHashAsUInt64() != checksum)
            {
                throw await explain(cancellationToken);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(tail);
            throw;
        }

        _tail = tail;
    }
}
