using System.Buffers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests.Writing;

public sealed class ImplicitVRRewriterTests
{
    public static TheoryData<string> Files
        => [.. TestFiles.All.Where(file => file is { Expectation: Expectation.Store, TransferSyntaxUid: Syntax.ExplicitLittle }).Select(
            file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_element_of_a_test_file_is_the_same_in_implicit_VR(string name)
    {
        byte[] file = TestFiles.Get(name).Bytes.ToArray();
        Assert.True(Part10HeadReader.TryRead(file, isWhole: true, DicomReaderOptions.Default, out Part10Head head));
        byte[] stored = file[head.DataSetOffset..];
        if (head.TransferSyntax != TransferSyntax.ExplicitVRLittleEndian)
        {
            return;
        }

        byte[] rewritten = Rewrite(stored, 1000);

        Assert.Equal(rewritten, Rewrite(stored, 1));
        Assert.Equal(rewritten, Rewrite(stored, 7));
        DicomDataset expected = await ReadAsync(stored, TransferSyntax.ExplicitVRLittleEndian);
        AssertSame(expected, await ReadAsync(rewritten, TransferSyntax.ImplicitVRLittleEndian), name);
    }

    [Fact]
    public void Sequences_become_undefined_in_length_and_group_lengths_go()
    {
        DataSetBuilder builder = new DataSetBuilder().U32(0x00080000, 99)
            .Sequence(0x00081140, new DataSetBuilder().Text(0x00081155, "UI", "1.2"), new DataSetBuilder())
            .Sequence(0x00081199);

        byte[] rewritten = Rewrite(builder.Encode(Wire.ExplicitLittle), 5);

        DataSetBuilder expected = new DataSetBuilder().DelimitedSequence(
            0x00081140, new DataSetBuilder().Text(0x00081155, "UI", "1.2"), new DataSetBuilder()).DelimitedSequence(0x00081199);
        Assert.Equal(expected.Encode(Wire.ImplicitLittle), rewritten);
    }

    [Theory]
    [InlineData("LO", "Header Cleaner")]
    [InlineData("UN", "Header Cleaner")]
    [InlineData("UN", "short")]
    public async Task A_value_that_implicit_VR_would_change_is_refused(string vr, string text)
    {
        byte[] stored = new DataSetBuilder().Bytes(0x0012_0064, vr, System.Text.Encoding.ASCII.GetBytes(text)).Encode(Wire.ExplicitLittle);
        DataSetWriter writer = new(new MemoryStream(), (_, _, _) => Task.CompletedTask, TransferSyntax.ImplicitVRLittleEndian);

        DicomDataset dataset = await ReadAsync(stored, TransferSyntax.ExplicitVRLittleEndian);
        Assert.Throws<DicomParseException>(() => writer.ThrowIfUnwritable(dataset, wasBigEndian: false));
        Assert.Throws<DicomParseException>(() => Rewrite(stored, 3));
    }

    [Fact]
    public async Task A_sequence_under_the_tag_of_text_is_refused()
    {
        byte[] stored = new DataSetBuilder().Sequence(Tag.StudyDescription, new DataSetBuilder().Text(Tag.PatientId, "LO", "inner "))
            .Encode(Wire.ExplicitLittle);
        DataSetWriter writer = new(new MemoryStream(), (_, _, _) => Task.CompletedTask, TransferSyntax.ImplicitVRLittleEndian);

        DicomDataset dataset = await ReadAsync(stored, TransferSyntax.ExplicitVRLittleEndian);
        Assert.Throws<DicomParseException>(() => writer.ThrowIfUnwritable(dataset, wasBigEndian: false));
        Assert.Throws<DicomParseException>(() => Rewrite(stored, 3));
    }

    [Fact]
    public void A_sequence_that_came_as_UN_stays_one()
    {
        byte[] item = new DataSetBuilder().Text(0x00081155, "UI", "1.2").Encode(Wire.ImplicitLittle);
        byte[] items = new ElementWriter(Wire.ImplicitLittle).Mark(Tag.Item, (uint)item.Length).Raw(item).ToArray();

        byte[] rewritten = Rewrite(new DataSetBuilder().Bytes(Tag.ReferencedImageSequence, "UN", items).Encode(Wire.ExplicitLittle), 5);

        Assert.Equal(new DataSetBuilder().DelimitedSequence(Tag.ReferencedImageSequence, new DataSetBuilder().Text(0x00081155, "UI", "1.2"))
            .Encode(Wire.ImplicitLittle), rewritten);
    }

    [Fact]
    public void A_data_set_that_ends_within_an_element_is_refused()
    {
        byte[] whole = new DataSetBuilder().Text(0x00080018, "UI", "1.2.3.4").Encode(Wire.ExplicitLittle);

        Assert.Equal(DicomParseError.Truncated, Assert.Throws<DicomParseException>(() => Rewrite(whole[..^2], 100)).Error);
        Assert.Equal(DicomParseError.Truncated, Assert.Throws<DicomParseException>(() => Rewrite(whole[..5], 100)).Error);
    }

    [Fact]
    public void Encapsulated_pixel_data_and_stray_delimiters_are_refused()
    {
        byte[] encapsulated = [0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        byte[] stray = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

        Assert.Throws<DicomParseException>(() => Rewrite(encapsulated, 100));
        Assert.Throws<DicomParseException>(() => Rewrite(stray, 100));
    }

    private static byte[] Rewrite(byte[] bytes, int blockSize)
    {
        ImplicitVRRewriter rewriter = new();
        ArrayBufferWriter<byte> output = new();
        foreach (byte[] block in bytes.Chunk(blockSize))
        {
            rewriter.Rewrite(block, output);
        }

        rewriter.Complete(output);
        return output.WrittenSpan.ToArray();
    }

    private static Task<DicomDataset> ReadAsync(byte[] bytes, TransferSyntax syntax)
        => StreamDataSetReader.ReadAsync(
            new MemoryStream(bytes),
            syntax,
            DicomReaderOptions.Default with { BulkThreshold = int.MaxValue, LongValueThreshold = int.MaxValue },
            null,
            CancellationToken.None);

    private static void AssertSame(DicomDataset expected, DicomDataset actual, string path)
    {
        DicomElement[] mine = [.. expected.Elements.Where(element => !element.Tag.IsGroupLength)];
        DicomElement[] other = [.. actual.Elements];
        Assert.Equal(mine.Select(element => element.Tag), other.Select(element => element.Tag));
        foreach ((DicomElement one, DicomElement two) in mine.Zip(other))
        {
            string place = $"{path} {one.Tag.ToHex()}";
            if (one.Items is null && two.Items is null)
            {
                Assert.True(one.Value.Span.SequenceEqual(two.Value.Span) && one.Bulk?.Length == two.Bulk?.Length, place);
            }
            else if (one.Items is not null)
            {
                Assert.True(one.Items.Count == (two.Items ?? []).Count, place);
                foreach ((DicomDataset item, DicomDataset otherItem) in one.Items.Zip(two.Items ?? []))
                {
                    AssertSame(item, otherItem, place);
                }
            }
        }
    }
}
