using System.Buffers;
using System.IO.Hashing;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>Opens whole objects so that damaged bytes are never taken for good ones.</summary>
/// <remarks>
/// An object without a checksum, from an earlier version, is returned unverified until a check of the content adds one. A missing or short
/// object is reported when it is opened.
/// </remarks>
public sealed partial class VerifiedObjects(IObjectStore objects, DamageReports reports, ILogger<VerifiedObjects> logger)
{
    /// <summary>Throws if an object is known to be damaged.</summary>
    /// <exception cref="ObjectDamagedException">The object is flagged.</exception>
    public static void ThrowIfDamaged(InstanceState instance)
    {
        if (instance.IsDamaged)
        {
            throw new ObjectDamagedException(instance.Id);
        }
    }

    /// <summary>Opens an object at its first byte. Reading the last bytes of a damaged one throws, as opening it would.</summary>
    /// <exception cref="ObjectDamagedException">The object is missing, or has other bytes than were stored.</exception>
    /// <exception cref="ObjectStoreException">The object cannot be read now.</exception>
    public async Task<Stream> OpenAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        Stream source = await OpenRangeAsync(instance, 0, instance.ObjectLength, cancellationToken);
        if (instance.ObjectChecksum is not { } checksum)
        {
            return source;
        }

        VerifyingStream stream = new(source, instance.ObjectLength, checksum, token => DiagnoseAsync(instance, token));
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

    /// <summary>Opens an object at its data set; the head before it is verified too.</summary>
    /// <exception cref="ObjectDamagedException">The object is missing, or has other bytes than were stored.</exception>
    /// <exception cref="ObjectStoreException">The object cannot be read now.</exception>
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

    /// <summary>Reads a whole object that could not be parsed, to distinguish a damaged one from one that was stored so.</summary>
    /// <exception cref="ObjectDamagedException">The object is missing, or has other bytes than were stored.</exception>
    /// <exception cref="ObjectStoreException">The object cannot be read now.</exception>
    public async Task VerifyAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        await using Stream stream = await OpenAsync(instance, cancellationToken);
        await StreamCopy.SkipAsync(stream, instance.ObjectLength, cancellationToken);
    }

    /// <summary>Opens a range of an object. Its bytes are not verified, only their presence.</summary>
    /// <exception cref="ObjectDamagedException">The object is flagged, missing, or ends before the range.</exception>
    /// <exception cref="ObjectStoreException">The object cannot be read now.</exception>
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
            throw await ReportDamageAsync(instance, Damage.Missing, cancellationToken);
        }

        if (stream.Length >= Math.Min(length, instance.ObjectLength - offset))
        {
            return stream;
        }

        await stream.DisposeAsync();
        throw await ReportDamageAsync(instance, Damage.Length, cancellationToken);
    }

    private async Task<ObjectDamagedException> ReportDamageAsync(InstanceState instance, Damage damage, CancellationToken cancellationToken)
    {
        await reports.ReportAsync(instance, damage, cancellationToken);
        return new ObjectDamagedException(instance.Id);
    }

    /// <summary>Reads the object again: bits may also flip in memory or in transit, and that must not flag a good object.</summary>
    private async Task<Exception> DiagnoseAsync(InstanceState instance, CancellationToken cancellationToken)
    {
        Damage damage = (await ObjectDigest.ReadAsync(objects, instance, withHash: false, rate: null, cancellationToken)).Compare(instance);
        if (damage == Damage.None)
        {
            LogTransientMismatch(instance.Object.Value, instance.Id.Sop.Value);
            return new ObjectStoreException(
                ObjectStoreFault.Unavailable, "An object was read with wrong bytes once, and with the right ones a moment later.");
        }

        return await ReportDamageAsync(instance, damage, cancellationToken);
    }

    [LoggerMessage(2312, LogLevel.Warning, "Object {Key} of instance {SopInstanceUid} was read with wrong bytes once, and with the right "
        + "ones a moment later: check the memory and the network of this machine")]
    private partial void LogTransientMismatch(string key, string sopInstanceUid);
}

/// <summary>
/// The object of an instance is missing, has other bytes than were stored, or was flagged before: another try does not help.
/// </summary>
public sealed class ObjectDamagedException(InstanceId instance)
    : Exception($"The object of instance {instance.Sop} of series {instance.Series} is missing or damaged. Send the instance again, or "
        + "restore the object and run 'check --content'.");

/// <summary>Reads a whole object and verifies its checksum on the way.</summary>
/// <remarks>
/// The last bytes are returned only after that, and a small object only as a whole: no reader gets all bytes of a damaged object.
/// </remarks>
/// <param name="source">The object from its first byte.</param>
/// <param name="length">The length of the object.</param>
/// <param name="checksum">The XXH3 of the bytes.</param>
/// <param name="diagnose">Returns the exception for bytes that end early or have another checksum.</param>
internal sealed class VerifyingStream(Stream source, long length, ulong checksum, Func<CancellationToken, Task<Exception>> diagnose)
    : ForwardStream
{
    private const int SmallObject = 256 << 10;
    private const int TailOfLargeObject = 64 << 10;

    private readonly XxHash3 _hash = new();
    private readonly int _tailLength = (int)(length <= SmallObject ? length : TailOfLargeObject);
    private byte[]? _tail;
    private long _position;

    /// <summary>The bytes that were returned.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Verifies a small object before any of it is returned; a large one is verified while it is read.</summary>
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
                throw await diagnose(cancellationToken);
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
                throw await diagnose(cancellationToken);
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
