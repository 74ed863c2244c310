using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>The length, checksum and hash of the bytes of an object.</summary>
/// <param name="Length">The number of bytes; for an object that is too long, one more than it should have.</param>
/// <param name="Checksum">The XXH3 of the bytes.</param>
/// <param name="Hash">The hash of transfer syntax and data set, if requested.</param>
public readonly record struct ObjectDigest(long Length, ulong Checksum, ContentHash? Hash)
{
    private const int BlockSize = 256 << 10;

    /// <summary>Reads the object of an instance to its end.</summary>
    /// <param name="objects">The object store.</param>
    /// <param name="instance">The row that names it.</param>
    /// <param name="withHash">Computes the hash too.</param>
    /// <param name="rate">How fast to read; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ObjectStoreException">The object does not exist, or cannot be read.</exception>
    public static async Task<ObjectDigest> ReadAsync(
        IObjectStore objects, InstanceState instance, bool withHash, ReadRate? rate, CancellationToken cancellationToken)
    {
        XxHash3 checksum = new();
        using IncrementalHash? hash = withHash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        hash?.AppendData(Encoding.ASCII.GetBytes(instance.TransferSyntaxUid));
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            await using Stream stream = await objects.OpenReadAsync(instance.Object, 0, instance.ObjectLength + 1, cancellationToken);
            long position = 0;
            while (true)
            {
                int count = await stream.ReadAsync(block.AsMemory(0, BlockSize), cancellationToken);
                if (count == 0)
                {
                    return new ObjectDigest(
                        position, checksum.GetCurrentHashAsUInt64(), hash is null ? null : ContentHash.FromBytes(hash.GetHashAndReset()));
                }

                checksum.Append(block.AsSpan(0, count));
                int head = (int)Math.Clamp(instance.DataSetOffset - position, 0, count);
                hash?.AppendData(block.AsSpan(head, count - head));
                position += count;
                await (rate?.WaitAsync(count, cancellationToken) ?? ValueTask.CompletedTask);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Compares with the checksum of a row, or with its hash if it has no checksum.</summary>
    public Damage Compare(InstanceState instance)
        => Length != instance.ObjectLength ? Damage.Length
            : instance.ObjectChecksum is { } checksum ? checksum == Checksum ? Damage.None : Damage.Content
            : Hash == instance.Hash ? Damage.None : Damage.Content;
}

/// <summary>Limits the bytes per second of all readers of objects together.</summary>
/// <param name="bytesPerSecond">The most; 0 for no limit.</param>
/// <param name="time">The clock.</param>
public sealed class ReadRate(long bytesPerSecond, TimeProvider time)
{
    /// <summary>A shorter wait is added to the next one.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private long _freeAt = time.GetTimestamp();

    /// <summary>Waits until the bytes of earlier calls may have been read.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _freeAt = Math.Max(_freeAt, now) + (long)(bytes / (double)bytesPerSecond * time.TimestampFrequency);
            wait = time.GetElapsedTime(now, _freeAt);
        }

        if (wait >= ShortestWait)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
