using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests.Reading;

/// <summary>Memory is taken for received bytes, not for announced lengths.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("hostile/announced_text.dcm")]
    [InlineData("hostile/huge_binary.dcm")]
    [InlineData("hostile/huge_sequence.dcm")]
    [InlineData("hostile/fragment_longer_than_file.dcm")]
    public void A_length_that_is_only_announced_takes_no_memory(string name)
    {
        ReadOnlyMemory<byte> file = TestFiles.Get(name).Bytes;
        ParserFuzzer.Run([.. file.Span], 1);

        FuzzOutcome outcome = ParserFuzzer.Run([.. file.Span], 1);

        Assert.InRange(outcome.Allocated, 0, 512 << 10);
    }

    [Fact]
    public void A_long_file_meta_that_comes_byte_by_byte_costs_little_more_than_its_length()
    {
        const int length = 30_000;
        byte[] head = FileMetaWriter.Write("1.2.840.10008.5.1.4.1.1.7", "1.2.3", TransferSyntax.ExplicitVRLittleEndian.Uid);
        byte[] file = [.. head, 0x02, 0x00, 0x02, 0x01, (byte)'O', (byte)'B', 0, 0, length & 0xFF, length >> 8, 0, 0, .. new byte[length]];
        file[140] = 0;
        file[141] = 0;
        using InstanceParser parser = new(DicomReaderOptions.Default);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int offset = 0; offset < file.Length; offset++)
        {
            parser.Feed(file.AsMemory(offset, 1));
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1 << 20, $"{allocated} bytes for {file.Length}");
    }
}
