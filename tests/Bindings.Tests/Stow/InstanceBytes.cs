using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>
/// The bytes of an instance as the servers of the tests send and expect them: its UID, then a pattern that the UID determines.
/// </summary>
internal static class InstanceBytes
{
    private const int Block = 64 << 10;
    private const int NameLength = 64;

    public static async Task WriteAsync(Stream output, string sop, long length)
    {
        byte[] block = Pattern(sop);
        byte[] name = Encoding.ASCII.GetBytes(sop.PadRight(NameLength));
        await output.WriteAsync(name.AsMemory(0, (int)Math.Min(length, NameLength)));
        for (long rest = length - NameLength; rest > 0; rest -= Block)
        {
            await output.WriteAsync(block.AsMemory(0, (int)Math.Min(rest, Block)));
        }
    }

    /// <summary>Reads an instance and returns its UID and length; fails if a byte differs.</summary>
    public static async Task<(string Sop, long Length)> ReadAsync(Stream input)
    {
        byte[] name = new byte[NameLength];
        await input.ReadExactlyAsync(name);
        string sop = Encoding.ASCII.GetString(name).TrimEnd();
        byte[] pattern = Pattern(sop);
        byte[] block = new byte[Block];
        long length = NameLength;
        while (await input.ReadAtLeastAsync(block, Block, throwOnEndOfStream: false) is > 0 and int read)
        {
            if (!block.AsSpan(0, read).SequenceEqual(pattern.AsSpan(0, read)))
            {
                throw new InvalidDataException("The bytes of an instance changed on their way.");
            }

            length += read;
        }

        return (sop, length);
    }

    private static byte[] Pattern(string sop)
    {
        byte[] seed = SHA256.HashData(Encoding.ASCII.GetBytes(sop));
        byte[] block = new byte[Block];
        for (int index = 0; index < Block; index++)
        {
            block[index] = (byte)(seed[index % seed.Length] + (index >> 5));
        }

        return block;
    }
}
