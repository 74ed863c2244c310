using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests;

/// <summary>Memory is taken for bytes that came, not for bytes that a length promises.</summary>
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
}
