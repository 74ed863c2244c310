using System.Buffers.Binary;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>Finds the beginning of the data set of a file (PS3.10 section 7.1): walks group 0002 and ignores its group length.</summary>
internal static class Part10Split
{
    private const int Preamble = 132;

    /// <summary>Returns the bytes after preamble and file meta, or the whole file if it has neither.</summary>
    public static ReadOnlySpan<byte> DataSet(ReadOnlySpan<byte> file)
    {
        int at = file.Length >= Preamble && file[128..Preamble].SequenceEqual("DICM"u8) ? Preamble : 0;
        while (file.Length - at >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(file[at..]) == 2)
        {
            bool isLong = file.Slice(at + 4, 2).SequenceEqual("OB"u8) || file.Slice(at + 4, 2).SequenceEqual("UN"u8);
            long length = isLong
                ? BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 8)..])
                : BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 6)..]);
            at = (int)Math.Min(file.Length, at + (isLong ? 12 : 8) + length);
        }

        return file[at..];
    }
}
