using System.Buffers.Binary;

namespace ImagingIngestion.TestData;

/// <summary>Damages files in ways that reveal errors in parsers; the same seed and number give the same input on every machine.</summary>
public sealed class Mutator(IReadOnlyList<ReadOnlyMemory<byte>> seeds, int seed)
{
    private const int MaxLength = 1 << 20;
    private static readonly uint[] OddLengths =
    [
        0, 1, 2, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFE, 0xFFFF_FFFF
    ];
    private static readonly byte[][] Words =
    [
        "SQ"u8.ToArray(),
        "UN"u8.ToArray(),
        "OB"u8.ToArray(),
        "UT"u8.ToArray(),
        "PN"u8.ToArray(),
        "ZZ"u8.ToArray(),
        [0, 0],
        [0xFE, 0xFF, 0x00, 0xE0],
        [0xFE, 0xFF, 0x0D, 0xE0],
        [0xFE, 0xFF, 0xDD, 0xE0],
        [0xE0, 0x7F, 0x10, 0x00],
        [0x08, 0x00, 0x05, 0x00],
        [0x02, 0x00, 0x10, 0x00],
        [0x1B, 0x24, 0x42],
        [0x1B, 0x24, 0x29, 0x43],
        "\\ISO 2022 IR 87"u8.ToArray(),
        "1.2.840.10008.1.2.1.99"u8.ToArray(),
        "2147483647"u8.ToArray(),
    ];

    /// <summary>Creates the input with this number.</summary>
    public byte[] Create(int number)
    {
        Random random = new(HashCode(seed, number));
        byte[] bytes = seeds[random.Next(seeds.Count)].ToArray();
        for (int count = 1 + random.Next(1 + random.Next(6)); count > 0 && bytes.Length > 0; count--)
        {
            bytes = Mutate(bytes, random);
        }

        return bytes.Length > MaxLength ? bytes[..MaxLength] : bytes;
    }

    private byte[] Mutate(byte[] bytes, Random random)
    {
        // Most of the decisive bytes are in the first kilobytes.
        int at = random.Next(random.Next(4) == 0 ? bytes.Length : Math.Min(bytes.Length, 2048));
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + random.Next(64))..]];
            case 4:
                return [.. bytes[..at], .. bytes[at..Math.Min(bytes.Length, at + random.Next(512))], .. bytes[at..]];
            case 5:
                byte[] noise = new byte[random.Next(64)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 6:
                return OverwriteLength(bytes, at, random);
            case 7:
                byte[] word = Words[random.Next(Words.Length)];
                word.AsSpan(0, Math.Min(word.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                ReadOnlyMemory<byte> other = seeds[random.Next(seeds.Count)];
                return [.. bytes[..at], .. other.Span[random.Next(other.Length)..]];
        }
    }

    private static byte[] OverwriteLength(byte[] bytes, int at, Random random)
    {
        uint length = OddLengths[random.Next(OddLengths.Length)];
        if (bytes.Length - at >= 4 && random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), length);
        }
        else if (bytes.Length - at >= 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)length);
        }

        return bytes;
    }

    /// <summary>Mixes two numbers; unlike System.HashCode it gives the same result in every process.</summary>
    private static int HashCode(int first, int second)
    {
        ulong mixed = (((ulong)(uint)first << 32) | (uint)second) * 0x9E37_79B9_7F4A_7C15;
        return (int)(mixed ^ (mixed >> 32));
    }
}
