using System.Buffers;
using System.Text;

namespace ImagingIngestion.Dicom.Tests;

public sealed class JsonMetadataTests
{
    private static readonly byte[] BaseUrl = DicomJsonMetadata.EncodeBaseUrl("https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/");

    [Fact]
    public void Each_bulk_data_reference_gets_the_base_url()
    {
        DicomDataset dataset = Sample.Dataset(
            Sample.Sequence(0x54000100, Sample.Dataset(new DicomElement(DicomTag.FromValue(0x54001010), DicomVR.OW, new BulkValue()))),
            new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()));

        Assert.Equal(
            """{"54000100":{"vr":"SQ","Value":[{"54001010":{"vr":"OW","BulkDataURI":"https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/54000100/0/54001010"}}]},"7FE00010":{"vr":"OB","BulkDataURI":"https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/7FE00010"}}""",
            Restored(DicomJsonWriter.ToUtf8(dataset), BaseUrl));
    }

    [Fact]
    public void Text_that_looks_like_a_reference_is_left_alone()
    {
        string json = Sample.Json(Sample.Text(0x00204000, DicomVR.LT, "\"BulkDataURI\":\"x"), Sample.Text(0x00100020, DicomVR.LO, "BulkDataURI"));

        Assert.Equal(json, Restored(Encoding.UTF8.GetBytes(json), BaseUrl));
    }

    [Fact]
    public void References_are_found_wherever_blocks_end()
    {
        for (int length = 16_330; length < 16_400; length++)
        {
            DicomDataset dataset = Sample.Dataset(
                Sample.Text(0x00204000, DicomVR.LT, new string('a', length)),
                new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()));
            string json = Sample.Json(dataset);

            Assert.Equal(json.Replace("\"BulkDataURI\":\"", "\"BulkDataURI\":\"/b/", StringComparison.Ordinal), Restored(Encoding.UTF8.GetBytes(json), DicomJsonMetadata.EncodeBaseUrl("/b/")));
        }
    }

    [Fact]
    public void A_base_url_cannot_leave_its_string()
        => Assert.Equal(
            """{"7FE00010":{"vr":"OB","BulkDataURI":"/a\"b/7FE00010"}}""",
            Restored(DicomJsonWriter.ToUtf8(Sample.Dataset(new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()))), DicomJsonMetadata.EncodeBaseUrl("/a\"b/")));

    [Fact]
    public void Metadata_that_ends_early_is_an_error()
    {
        byte[] compressed = DicomJsonMetadata.Compress(Encoding.UTF8.GetBytes(Sample.Json(Sample.Text(0x00204000, DicomVR.LT, string.Concat(Enumerable.Range(0, 5000))))));

        Assert.ThrowsAny<InvalidDataException>(() => DicomJsonMetadata.CopyTo(compressed.AsMemory(0, compressed.Length / 2), [], new ArrayBufferWriter<byte>()));
        Assert.ThrowsAny<InvalidDataException>(() => DicomJsonMetadata.CopyTo(new byte[] { 0xFF, 0xFF, 0xFF }, [], new ArrayBufferWriter<byte>()));
        Assert.ThrowsAny<InvalidDataException>(() => DicomJsonMetadata.CopyTo(ReadOnlyMemory<byte>.Empty, [], new ArrayBufferWriter<byte>()));
    }

    private static string Restored(byte[] json, byte[] baseUrl)
    {
        var output = new ArrayBufferWriter<byte>();
        DicomJsonMetadata.CopyTo(DicomJsonMetadata.Compress(json), baseUrl, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
