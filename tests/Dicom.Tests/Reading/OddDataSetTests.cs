using System.IO.Compression;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests.Reading;

/// <summary>Irregular data sets that devices send are read, with a warning.</summary>
public sealed class OddDataSetTests
{
    private static readonly TestInstance Plain = new("odd data sets") { PixelData = new byte[16] };

    public static TheoryData<string> Syntaxes => [Syntax.ImplicitLittle, Syntax.ExplicitLittle, Syntax.ExplicitBig, Syntax.JpegBaseline];

    [Theory]
    [InlineData("lo", "LO")]
    [InlineData("Lo", "LO")]
    [InlineData("ut", "UT")]
    public void A_VR_in_small_letters_is_read(string written, string read)
    {
        ReadFile file = Read(data => data.Custom(Tag.StudyDescription, writer =>
        {
            writer.Raw([0x08, 0, 0x30, 0x10]).Raw(System.Text.Encoding.ASCII.GetBytes(written));
            _ = read == "UT" ? writer.U16(0).U32(4) : writer.U16(4);
            writer.Raw("abcd"u8);
        }));

        DicomElement element = Find(file, DicomTag.StudyDescription);
        Assert.Equal((read, "abcd"), (element.VR.Code(), file.Instance.Dataset.GetString(DicomTag.StudyDescription)));
        AssertOdd(file, DicomParseWarning.UnknownVR, isIrregular: true);
    }

    [Theory]
    [InlineData("Header Cleaner")]
    [InlineData("short")]
    [InlineData("a text that is longer than the limit of values that stay in memory")]
    public void Text_under_the_tag_of_a_sequence_is_UN_in_implicit_VR(string text)
    {
        DicomTag sequence = DicomTag.FromValue(0x0012_0064);
        byte[] value = System.Text.Encoding.ASCII.GetBytes(text.Length > 20 ? string.Concat(Enumerable.Repeat(text, 100)) : text);

        ReadFile file = Read(data => data.Bytes(0x0012_0064, "LO", value), Syntax.ImplicitLittle);

        DicomElement element = Find(file, sequence);
        Assert.Equal(DicomVR.UN, element.VR);
        Assert.Equal(value, file.ValueOf(element));
        Assert.Contains(DicomParseWarning.SequenceWithoutItems, file.Instance.Warnings);
        Assert.True(StoredEncoding.Of(file.Instance).IsIrregular);
        Assert.True(file.IsIdentified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("items")]
    [InlineData("delimited")]
    public void A_sequence_of_implicit_VR_stays_one(string kind)
    {
        DataSetBuilder item = new DataSetBuilder().Text(Tag.TextValue, "UT", "inner ");

        ReadFile file = Read(data => _ = kind switch
        {
            "" => data.Sequence(0x0012_0064),
            "items" => data.Sequence(0x0012_0064, item),
            _ => data.DelimitedSequence(0x0012_0064, item),
        }, Syntax.ImplicitLittle);

        Assert.Equal(kind.Length == 0 ? 0 : 1, Find(file, DicomTag.FromValue(0x0012_0064)).Items!.Count);
        Assert.Empty(file.Instance.Warnings);
    }

    [Theory]
    [InlineData("\0", 1)]
    [InlineData("\0\0", 1)]
    [InlineData("\r\n", 1)]
    [InlineData("\u001A", 1)]
    [InlineData("\r\n", 30)]
    [InlineData("\u001A", 500)]
    [InlineData("\n\0\r\u001A", 9)]
    public void Fillers_after_the_data_set_are_no_elements(string filler, int times)
    {
        byte[] tail = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(filler, times)));
        foreach (string syntax in new[] { Syntax.ImplicitLittle, Syntax.ExplicitLittle, Syntax.ExplicitBig })
        {
            byte[] file = (Plain with { TransferSyntaxUid = syntax }).ToPart10();
            int elements = ReadFile.Read(file).Instance.Dataset.Elements.Count;

            ReadFile read = ReadFile.Read((byte[])[.. file, .. tail]);

            Assert.Equal(elements, read.Instance.Dataset.Elements.Count);
            AssertOdd(read, DicomParseWarning.TrailingBytes, isIrregular: true);
        }
    }

    [Fact]
    public void Other_bytes_after_the_data_set_are_refused()
        => Assert.Equal(
            DicomParseError.Truncated,
            Assert.Throws<DicomParseException>(() => ReadFile.Read((byte[])[.. Plain.ToPart10(), .. "tail"u8])).Error);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void A_deflated_data_set_may_have_the_headers_of_zlib(int blockSize)
    {
        ReadFile raw = ReadFile.Read((Plain with { TransferSyntaxUid = Syntax.Deflated }).ToPart10(), blockSize);

        using InstanceParser parser = new(DicomReaderOptions.Default);
        foreach (byte[] block in Zlib().Chunk(blockSize))
        {
            parser.Feed(block);
        }

        parser.FinishHead();
        ParsedInstance zlib = parser.Complete();

        using InstanceParser bare = new(DicomReaderOptions.Default, Syntax.Deflated);
        foreach (byte[] block in Zlib()[(132 + Part10.Meta(Syntax.Deflated, Plain.SopClassUid, Plain.SopUid).Length)..].Chunk(blockSize))
        {
            bare.Feed(block);
        }

        bare.FinishHead();
        Assert.Equal(zlib.Dataset.Elements.Count, bare.Complete().Dataset.Elements.Count);
        Assert.Equal(
            raw.Instance.Dataset.Elements.Select(element => element.ToString()),
            zlib.Dataset.Elements.Select(element => element.ToString()));
        Assert.Equal([DicomParseWarning.ZlibWrapped], zlib.Warnings);
        Assert.True(StoredEncoding.Of(zlib).IsIrregular);
        Assert.DoesNotContain(DicomParseWarning.ZlibWrapped, raw.Instance.Warnings);
    }

    [Fact]
    public void A_stored_block_that_looks_like_zlib_is_inflated_as_it_is()
    {
        // A stored block of RFC 1951 whose padding bits make its first bytes 78 01: length 1, then its complement.
        Assert.Equal(0, DeflatedBytes.HeaderSize([0x78, 0x01, 0x00, 0xFE, 0xFF]));
        Assert.Equal(2, DeflatedBytes.HeaderSize([0x78, 0x01, 0x63, 0x60, 0x60]));
        Assert.Equal(2, DeflatedBytes.HeaderSize([0x78, 0x9C, 0x63, 0x60, 0x60]));
        Assert.Equal(0, DeflatedBytes.HeaderSize([0x78]));
    }

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Leading_bytes_outside_the_data_set_of_a_C_STORE_are_removed(string syntax)
    {
        TestInstance instance = Plain with
        {
            TransferSyntaxUid = syntax,
            Change = syntax == Syntax.JpegBaseline ? data => data.Fragments([], [0xFF, 0xD8]) : null
        };
        byte[] dataSet = instance.ToDataSet();
        byte[] command = new DataSetBuilder().Bytes(0x0000_0000, "UL", 20, 0, 0, 0)
            .Text(0x0000_0002, "UI", "1.2.3")
            .U16(0x0000_0100, 1)
            .Encode(Wire.ImplicitLittle);
        byte[] meta = Part10.Meta(Syntax.Deflated, instance.SopClassUid, instance.SopUid);
        foreach (byte[] before in new byte[][]
        {
            meta,
            command,
            [.. command, .. meta],
            [.. Part10.Preamble, .. meta],
            [.. new byte[128].Select((_, index) => (byte)index), .. "DICM"u8, .. meta]
        })
        {
            foreach (int blockSize in new[] { 1, 50, 100_000 })
            {
                using InstanceParser parser = new(DicomReaderOptions.Default, syntax);
                List<byte> kept = [];
                foreach (byte[] block in ((byte[])[.. before, .. dataSet]).Chunk(blockSize))
                {
                    DataSetBytes bytes = parser.Feed(block);
                    kept.AddRange([.. bytes.Held.Span, .. bytes.Block.Span]);
                }

                kept.AddRange(parser.FinishHead().Held.Span);
                ParsedInstance parsed = parser.Complete();
                Assert.Equal(dataSet, kept);
                Assert.Equal((syntax, false), (parsed.TransferSyntax.Uid, StoredEncoding.Of(parsed).IsIrregular));
                Assert.Equal([DicomParseWarning.StrippedHead], parsed.Warnings);
            }
        }
    }

    [Fact]
    public void File_meta_information_that_stands_twice_is_taken_away_too()
    {
        byte[] file = Part10.File(
            Syntax.ExplicitLittle,
            Plain.SopClassUid,
            Plain.SopUid,
            [.. Part10.Meta(Syntax.Deflated, Plain.SopClassUid, Plain.SopUid), .. Plain.ToDataSet()]);

        ReadFile read = ReadFile.Read(file);

        Assert.Equal(Plain.ToDataSet(), read.DataSet);
        AssertOdd(read, DicomParseWarning.StrippedHead, isIrregular: false);
    }

    [Theory]
    [InlineData(Syntax.ExplicitLittle, true, true)]
    [InlineData(Syntax.ImplicitLittle, true, true)]
    [InlineData(Syntax.Deflated, true, true)]
    [InlineData(Syntax.ExplicitLittle, false, false)]
    [InlineData(Syntax.JpegBaseline, true, false)]
    [InlineData(Syntax.JpegBaseline, false, true)]
    [InlineData(Syntax.Rle, false, true)]
    [InlineData("1.2.3.4.5", true, false)]
    [InlineData("1.2.3.4.5", false, false)]
    public void Pixel_data_that_contradicts_its_transfer_syntax_is_odd(string syntax, bool hasFragments, bool isOdd)
    {
        ReadFile file = Read(data => _ = hasFragments ? data.Fragments([], [0xFF, 0xD8]) : data, syntax);

        Assert.Equal(isOdd, file.Instance.Warnings.Contains(DicomParseWarning.PixelDataMismatch));
    }

    private static ReadFile Read(Action<DataSetBuilder> change, string syntax = Syntax.ExplicitLittle)
        => ReadFile.Read((Plain with { TransferSyntaxUid = syntax, Change = change }).ToPart10());

    private static DicomElement Find(ReadFile file, DicomTag tag)
    {
        Assert.True(file.Instance.Dataset.TryGet(tag, out DicomElement? element));
        return element;
    }

    private static void AssertOdd(ReadFile file, DicomParseWarning warning, bool isIrregular)
    {
        Assert.Contains(warning, file.Instance.Warnings);
        Assert.Equal(isIrregular, StoredEncoding.Of(file.Instance).IsIrregular);
    }

    private static byte[] Zlib()
    {
        using MemoryStream target = new();
        using (ZLibStream zlib = new(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(Plain.ToDataSet());
        }

        return [.. Part10.Preamble, .. Part10.Meta(Syntax.Deflated, Plain.SopClassUid, Plain.SopUid), .. target.ToArray()];
    }
}
