namespace ImagingIngestion.TestData.Files;

/// <summary>Bytes that differ in every frame and resemble nothing else.</summary>
internal static class Pattern
{
    public static byte[] Bytes(int count, int seed = 0)
    {
        byte[] bytes = new byte[count];
        uint state = 2463534242u + (uint)seed;
        for (int i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            bytes[i] = (byte)state;
        }

        return bytes;
    }

    /// <summary>Makes the outer form of a JPEG stream: SOI, an APP0 segment, no marker inside, EOI; even length.</summary>
    public static byte[] Jpeg(int seed, int count = 40)
    {
        byte[] inside = Bytes(count - 10, seed);
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] &= 0x7F;
        }

        return [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x04, 0x4A, 0x46, .. inside, 0xFF, 0xD9];
    }

    /// <summary>Makes an RLE frame (PS3.5 annex G) of one segment that repeats one byte.</summary>
    public static byte[] Rle(byte value, int pixels)
    {
        byte[] frame = new byte[66];
        frame[0] = 1;
        frame[4] = 64;
        frame[64] = (byte)(257 - pixels);
        frame[65] = value;
        return frame;
    }
}
