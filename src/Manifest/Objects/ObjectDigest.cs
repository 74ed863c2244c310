using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>What all bytes of an object come to.</summary>
/// <param name="Length">How many there are; of an object that is too long one more than it should have.</param>
/// <param name="Checksum">XXH3 of them.</param>
/// <param name="Hash">The hash of transfer syntax and data set, where it was asked for.</param>
public readonly record struct ObjectDigest(long Length, ulong Checksum, ContentHash? Hash)
{
    private const int BlockSize = 256 << 10;

    /// <summary>Reads the object of an instance to its end.</summary>
    /// <param name="objects">Where it is.</param>
    /// <param name="instance">The row that names it.</param>
    /// <param name="withHash">Works out the hash too.</param>
    /// <param name="rate">How fast to read; null reads as fast as it goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ObjectStoreException">There is no such object, or it cannot be read.</exception>
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

    /// <summary>Whether these are the bytes that the row names, by its checksum or, where it has none, by its hash.</summary>
    public Damage Compare(InstanceState instance)
        => Length != instance.ObjectLength ? Damage.Length
            : instance.ObjectChecksum is { } checksum ? checksum == Checksum ? Damage.None : Damage.Content
            : Hash == instance.Hash ? Damage.None : Damage.Content;
}
