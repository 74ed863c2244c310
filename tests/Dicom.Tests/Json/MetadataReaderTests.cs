using System.IO.Pipelines;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Tests.Json;

/// <summary>Metadata that is read element by element equals metadata that is read whole.</summary>
public sealed class MetadataReaderTests
{
    private const string Base = "https://host/bulkdata/";

    private static DicomDataset Everything { get; } = Sample.Dataset(
        Sample.Text(0x00080005, DicomVR.CS, "ISO_IR 192"),
        Sample.Text(0x00080008, DicomVR.CS, @"ORIGINAL\\AXIAL"),
        Sample.Text(0x00100010, DicomVR.PN, "Müller^Jörg=山田^太郎=\\=B^C"),
        Sample.Text(0x00100020, DicomVR.LO, "say \"this\" \u0007"),
        new DicomElement(DicomTag.FromValue(0x00089215), []),
        Sample.Text(0x00091010, DicomVR.LO, "of no block"),
        Sample.Text(0x00110010, DicomVR.LO, "ACME"),
        Sample.Text(0x00111001, DicomVR.LT, "private"),
        Sample.Text(0x00130010, DicomVR.LO, "OTHER"),
        Sample.Text(0x00131001, DicomVR.LT, "private too"),
        Sample.Text(0x00204000, DicomVR.LT, string.Concat(Enumerable.Repeat("Grüße aus 東京 \\ ", 20_000))),
        Sample.Text(0x00181050, DicomVR.DS, @"1.5\+2\007"),
        new DicomElement(DicomTag.FromValue(0x00280010), DicomVR.US, new byte[] { 1, 0, 255, 255 }),
        new DicomElement(
            DicomTag.FromValue(0x00189073), DicomVR.FD, BitConverter.GetBytes(double.NaN).Concat(BitConverter.GetBytes(1e300)).ToArray()),
        new DicomElement(DicomTag.FromValue(0x00200062), DicomVR.OB, new byte[] { 1, 2, 3, 4 }),
        Sample.Sequence(
            0x52009230,
            Sample.Dataset(
                Sample.Text(0x00110010, DicomVR.LO, "ACME"),
                Sample.Text(0x00111002, DicomVR.LT, "in an item"),
                Sample.Sequence(0x00209113, Sample.Dataset(Sample.Text(0x00200032, DicomVR.DS, @"1\2\3")), Sample.Dataset())),
            Sample.Dataset(new DicomElement(DicomTag.FromValue(0x54001010), DicomVR.OW, new BulkValue()))),
        new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()));

    [Fact]
    public async Task Json_is_the_same()
    {
        Assert.Equal(
            Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(Whole())),
            await WrittenAsync(metadata => new StreamedDataset(metadata), DicomJsonWriter.WriteAsync));
    }

    [Fact]
    public async Task Xml_is_the_same()
    {
        Assert.Equal(
            Encoding.UTF8.GetString(DicomXmlWriter.ToUtf8(Whole())),
            await WrittenAsync(metadata => new StreamedDataset(metadata), DicomXmlWriter.WriteAsync));
    }

    [Fact]
    public async Task Known_elements_are_merged_in_the_order_of_tags()
    {
        DicomDataset first = Sample.Dataset(
            Sample.Text(0x00080001, DicomVR.UL, "    "),
            Sample.Text(0x00100020, DicomVR.LO, "known"),
            Sample.Text(0x52009230, DicomVR.LT, "for a sequence"));
        DicomDataset otherwise = Sample.Dataset(
            Sample.Text(0x00100010, DicomVR.PN, "not this"),
            Sample.Text(0x00100020, DicomVR.LO, "nor this"),
            new DicomElement(DicomTag.FromValue(0x00100040), DicomVR.CS, ReadOnlyMemory<byte>.Empty),
            Sample.Text(0x7FE10010, DicomVR.LO, "last"));
        DicomDataset expected = Whole();
        foreach (DicomElement element in first.Elements)
        {
            expected.Set(element);
        }

        expected.TryAdd(otherwise.Elements[2]);
        expected.TryAdd(otherwise.Elements[3]);

        string written = await WrittenAsync(metadata => new StreamedDataset(metadata, first, otherwise), DicomJsonWriter.WriteAsync);

        Assert.Equal(Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(expected)), written);
    }

    [Fact]
    public async Task Some_attributes_are_read_without_the_others()
    {
        HashSet<DicomTag> wanted = [DicomTag.FromValue(0x00100010), DicomTag.FromValue(0x52009230), DicomTag.FromValue(0x7FE00010)];
        using MetadataReader metadata = new(Compressed(), Base) { Wanted = wanted.Contains };

        DicomDataset read = await metadata.ReadAllAsync(CancellationToken.None);

        DicomDataset expected = Whole();
        expected.RemoveAll(element => !wanted.Contains(element.Tag));
        Assert.Equal(Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(expected)), Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(read)));
    }

    [Fact]
    public async Task Memory_is_asked_for_before_it_is_taken_and_grows_with_one_value_only()
    {
        DicomDataset dataset = new();
        for (uint number = 0; number < 200; number++)
        {
            dataset.TryAdd(Sample.Text(0x00111000 + number, DicomVR.UT, new string((char)('a' + (number % 26)), 100_000)));
        }

        long most = 0;
        using MetadataReader metadata = new(new MemoryStream(DicomJsonMetadata.Compress(dataset)), Base, (bytes, _) =>
        {
            most = Math.Max(most, bytes);
            return ValueTask.CompletedTask;
        });
        int elements = 0;
        while (await metadata.ReadAsync(CancellationToken.None))
        {
            Assert.Equal(100_000, metadata.Element.Value.Length);
            elements++;
        }

        Assert.Equal(200, elements);
        Assert.InRange(most, 300_000, 600_000);
    }

    [Fact]
    public async Task Memory_that_is_refused_ends_the_read()
    {
        DicomDataset dataset = Sample.Dataset(Sample.Text(0x00111000, DicomVR.UT, new string('a', 100_000)));
        using MetadataReader metadata = new(
            new MemoryStream(DicomJsonMetadata.Compress(dataset)),
            Base,
            (bytes, _) => bytes < 200_000 ? ValueTask.CompletedTask : throw new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(async () => await metadata.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Metadata_that_ends_early_is_refused()
    {
        byte[] compressed = Compressed().ToArray();
        foreach (int length in (int[])[0, 10, compressed.Length / 2, compressed.Length - 3])
        {
            using MetadataReader metadata = new(new MemoryStream(compressed, 0, length), Base);
            await Assert.ThrowsAsync<InvalidDataException>(() => metadata.ReadAllAsync(CancellationToken.None));
        }
    }

    private static MemoryStream Compressed() => new(DicomJsonMetadata.Compress(Everything));

    /// <summary>Returns the metadata read whole, like any other DICOM JSON.</summary>
    private static DicomDataset Whole()
        => DicomJsonReader.Read(Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(Everything)).Replace(
                "\"BulkDataURI\":\"", "\"BulkDataURI\":\"" + Base, StringComparison.Ordinal)));

    private static async Task<string> WrittenAsync(
        Func<MetadataReader, StreamedDataset> dataset, Func<StreamedDataset, PipeWriter, CancellationToken, Task> write)
    {
        using MemoryStream written = new();
        PipeWriter output = PipeWriter.Create(written, new StreamPipeWriterOptions(leaveOpen: true));
        using (MetadataReader metadata = new(Compressed(), Base))
        {
            await write(dataset(metadata), output, CancellationToken.None);
        }

        await output.CompleteAsync();
        return Encoding.UTF8.GetString(written.ToArray());
    }
}
