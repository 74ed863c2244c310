using System.Buffers.Binary;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Separates preamble and file meta, which the server may change, from the data set, which it may not.</summary>
internal static class Part10Bytes
{
    private const int MetaStart = 132;

    /// <summary>Returns the bytes after the file meta, whose group length gives their place.</summary>
    public static byte[] DataSet(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (!bytes[128..].StartsWith("DICM"u8) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[MetaStart..]) != 0x0000_0002)
        {
            throw new InvalidDataException("Not a Part 10 file that begins with its group length.");
        }

        int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(MetaStart + 8)..]);
        return bytes[(MetaStart + 12 + length)..].ToArray();
    }

    /// <summary>Checks that the files hold the same data sets, in any order.</summary>
    public static void AssertSameDataSets(IEnumerable<TestFile> sent, IEnumerable<byte[]> received)
        => Assert.Equal(
            sent.Select(file => Convert.ToHexString(DataSet(file.Bytes))).Order(StringComparer.Ordinal),
            received.Select(file => Convert.ToHexString(DataSet(file))).Order(StringComparer.Ordinal));
}
