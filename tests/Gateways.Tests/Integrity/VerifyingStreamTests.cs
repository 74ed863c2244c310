using System.IO.Hashing;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Tests.Integrity;

public sealed class VerifyingStreamTests
{
    public static TheoryData<int> Lengths => [0, 1, 1000, 64 << 10, 256 << 10, (256 << 10) + 1, (1 << 20) + 3];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Good_bytes_come_as_they_are(int length)
    {
        byte[] bytes = Bytes(length);
        await using VerifyingStream stream = Open(bytes, XxHash3.HashToUInt64(bytes), length);

        (byte[] read, Exception? error) = await ReadAsync(stream);

        Assert.Null(error);
        Assert.Equal(bytes, read);
        Assert.Equal(length, stream.Position);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Of_bytes_with_a_flipped_bit_the_last_are_never_read(int length)
    {
        foreach (int place in new[] { 0, length / 2, length - 1 }.Where(place => place >= 0 && place < length).Distinct())
        {
            byte[] bytes = Bytes(length);
            ulong checksum = XxHash3.HashToUInt64(bytes);
            bytes[place] ^= 0x10;
            await using VerifyingStream stream = Open(bytes, checksum, length);

            (byte[] read, Exception? error) = await ReadAsync(stream);

            Assert.IsType<InvalidDataException>(error);
            Assert.True(read.Length < length, $"All {length} bytes were read, of which {place} is bad.");
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(256 << 10)]
    public async Task A_small_object_is_verified_before_anything_of_it_is_read(int length)
    {
        byte[] bytes = Bytes(length);
        await using VerifyingStream stream = Open(bytes, XxHash3.HashToUInt64(bytes) + 1, length);

        await Assert.ThrowsAsync<InvalidDataException>(() => stream.PrepareAsync(CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1 << 20)]
    public async Task An_object_that_ends_early_is_no_good_one(int length)
    {
        byte[] bytes = Bytes(length);
        await using VerifyingStream stream = Open(bytes, XxHash3.HashToUInt64(bytes), length + 1);

        (byte[] _, Exception? error) = await ReadAsync(stream);

        Assert.IsType<InvalidDataException>(error);
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static VerifyingStream Open(byte[] bytes, ulong checksum, long length)
        => new(
            new MemoryStream(bytes, writable: false),
            length,
            checksum,
            _ => Task.FromResult<Exception>(new InvalidDataException("mismatch")));

    /// <summary>Reads in pieces of many sizes until the end or an error.</summary>
    private static async Task<(byte[] Read, Exception? Error)> ReadAsync(Stream stream)
    {
        Random sizes = new(7);
        using MemoryStream read = new();
        byte[] block = new byte[100_000];
        try
        {
            while (await stream.ReadAsync(block.AsMemory(0, sizes.Next(1, block.Length))) is > 0 and int count)
            {
                await read.WriteAsync(block.AsMemory(0, count));
            }

            return (read.ToArray(), null);
        }
        catch (Exception error)
        {
            return (read.ToArray(), error);
        }
    }
}
