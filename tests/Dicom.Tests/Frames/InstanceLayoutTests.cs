using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Frames;

/// <summary>The stored layout finds the same bytes as the parser, and damaged layouts are refused.</summary>
public sealed class InstanceLayoutTests
{
    [Fact]
    public void A_layout_reads_back_the_same()
    {
        foreach (ReadFile read in Readable(TestFiles.All))
        {
            AssertSame(InstanceLayout.Of(read.Instance));
        }
    }

    [ToolFact(Tools.Corpus)]
    public void A_layout_of_the_corpus_reads_back_the_same()
    {
        foreach (ReadFile read in Readable(Corpus.Files()))
        {
            AssertSame(InstanceLayout.Of(read.Instance));
        }
    }

    [Fact]
    public void Bulk_values_are_found_in_items_too()
    {
        DicomDataset item = new();
        item.Set(new DicomElement(DicomTag.WaveformData, DicomVR.OW, new BulkValue { Offset = 500, Length = 4000 }));
        DicomDataset dataset = new();
        dataset.Set(new DicomElement(DicomTag.WaveformSequence, [new DicomDataset(), item]));
        ParsedInstance instance = Readable(TestFiles.All).First().Instance with { Dataset = dataset, Frames = null };

        BulkLocation bulk = Assert.Single(InstanceLayout.Of(instance).Bulk);

        Assert.Equal("54000100/1/54001010", bulk.Path);
        Assert.Equal(new ByteRange(500, 4000), bulk.Range);
        Assert.Equal(DicomVR.OW, bulk.VR);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void An_irregular_encoding_reads_back_from_the_first_bytes(bool isExplicit, bool isBigEndian)
    {
        StoredEncoding encoding = new(true, isExplicit, isBigEndian);
        byte[] bytes = (InstanceLayout.Of(Readable(TestFiles.All).First().Instance) with { Encoding = encoding }).ToBytes();

        Assert.Equal(
            (encoding, encoding),
            (InstanceLayout.Read(bytes).Encoding, StoredEncoding.OfLayout(bytes.AsSpan(0, StoredEncoding.LayoutBytes))));
    }

    [Fact]
    public void A_layout_of_an_earlier_version_is_that_of_a_regular_data_set()
    {
        Assert.Equal(1, InstanceLayout.Of(ReadFile.Read(TestFiles.Get("native/bits_1_aligned.dcm").Bytes).Instance).ToBytes()[0]);
        Assert.False(StoredEncoding.OfLayout([1, 0]).IsIrregular);
        Assert.Throws<InvalidDataException>(() => StoredEncoding.OfLayout([3, 0]));
    }

    [Fact]
    public void A_damaged_layout_is_refused_or_read_but_never_more_than_that()
    {
        Random random = new(42);
        foreach (ReadFile read in Readable(TestFiles.All))
        {
            byte[] bytes = InstanceLayout.Of(read.Instance).ToBytes();
            for (int round = 0; round < 20; round++)
            {
                byte[] damaged = bytes[..random.Next(bytes.Length + 1)];
                if (damaged.Length > 0)
                {
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                }

                Exception? fault = Record.Exception(() => InstanceLayout.Read(damaged));

                Assert.True(fault is null or InvalidDataException, fault?.ToString());
            }
        }
    }

    private static IEnumerable<ReadFile> Readable(IEnumerable<TestFile> files)
        => files.Select(file => ReadFile.TryRead(file.Bytes, out _)).OfType<ReadFile>();

    private static void AssertSame(InstanceLayout layout)
    {
        InstanceLayout read = InstanceLayout.Read(layout.ToBytes());

        Assert.Equal(layout.Bulk, read.Bulk);
        Assert.Equal(layout.Frames?.Count, read.Frames?.Count);
        Assert.Equal(layout.Frames?.Tag, read.Frames?.Tag);
        for (int frame = 0; frame < Math.Min(layout.Frames?.Count ?? 0, 1000); frame++)
        {
            Assert.Equivalent(layout.Frames!.GetFrame(frame), read.Frames!.GetFrame(frame));
        }
    }
}
