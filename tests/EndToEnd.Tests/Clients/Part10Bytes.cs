using System.Buffers.Binary;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Takes files apart where the server may change them: preamble and file meta are its own, the data set is not.</summary>
internal static class Part10Bytes
{
    private const int MetaStart = 132;

    /// <summary>What follows the file meta, whose group length says where that is.</summary>
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

    /// <summary>The files hold the same data sets, in any order.</summary>
    public static void AssertSameDataSets(IEnumerable<TestFile> sent, IEnumerable<byte[]> received)
        => Assert.Equal(
            sent.Select(file => Convert.ToHexString(DataSet(file.Bytes))).Order(StringComparer.Ordinal),
            received.Select(file => Convert.ToHexString(DataSet(file))).Order(StringComparer.Ordinal));
}
