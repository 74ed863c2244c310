using System.IO.Pipelines;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Dicom.Tests.Json;

public sealed class JsonMetadataTests
{
    private static readonly byte[] BaseUrl = DicomJsonMetadata.EncodeBaseUrl(
        "https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/");

    [Fact]
    public async Task Each_bulk_data_reference_gets_the_base_url()
    {
        DicomDataset dataset = Sample.Dataset(
            Sample.Sequence(0x54000100, Sample.Dataset(new DicomElement(DicomTag.FromValue(0x54001010), DicomVR.OW, new BulkValue()))),
            new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()));

        Assert.Equal(
            """{"54000100":{"vr":"SQ","Value":[{"54001010":{"vr":"OW","BulkDataURI":"https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/54000100/0/54001010"}}]},"7FE00010":{"vr":"OB","BulkDataURI":"https://host/wado-rs/studies/1/series/2/instances/3/bulkdata/7FE00010"}}""",
            await RestoredAsync(DicomJsonWriter.ToUtf8(dataset), BaseUrl));
    }

    [Fact]
    public async Task Text_that_looks_like_a_reference_is_left_alone()
    {
        string json = Sample.Json(
            Sample.Text(0x00204000, DicomVR.LT, "\"BulkDataURI\":\"x"), Sample.Text(0x00100020, DicomVR.LO, "BulkDataURI"));

        Assert.Equal(json, await RestoredAsync(Encoding.UTF8.GetBytes(json), BaseUrl));
    }

    [Fact]
    public async Task References_are_found_wherever_blocks_end()
    {
        for (int length = 16_330; length < 16_400; length++)
        {
            DicomDataset dataset = Sample.Dataset(
                Sample.Text(0x00204000, DicomVR.LT, new string('a', length)),
                new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()));
            string json = Sample.Json(dataset);

            Assert.Equal(
                json.Replace("\"BulkDataURI\":\"", "\"BulkDataURI\":\"/b/", StringComparison.Ordinal),
                await RestoredAsync(Encoding.UTF8.GetBytes(json), DicomJsonMetadata.EncodeBaseUrl("/b/")));
        }
    }

    [Fact]
    public async Task A_base_url_cannot_leave_its_string()
        => Assert.Equal(
            """{"7FE00010":{"vr":"OB","BulkDataURI":"/a\"b/7FE00010"}}""",
            await RestoredAsync(
                DicomJsonWriter.ToUtf8(Sample.Dataset(new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OB, new BulkValue()))),
                DicomJsonMetadata.EncodeBaseUrl("/a\"b/")));

    [Fact]
    public async Task Metadata_that_ends_early_is_an_error()
    {
        byte[] compressed = DicomJsonMetadata.Compress(
            Encoding.UTF8.GetBytes(Sample.Json(Sample.Text(0x00204000, DicomVR.LT, string.Concat(Enumerable.Range(0, 5000))))));

        await Assert.ThrowsAnyAsync<InvalidDataException>(() => CopiedAsync(compressed[..(compressed.Length / 2)], []));
        await Assert.ThrowsAnyAsync<InvalidDataException>(() => CopiedAsync([0xFF, 0xFF, 0xFF], []));
        await Assert.ThrowsAnyAsync<InvalidDataException>(() => CopiedAsync([], []));
    }

    private static Task<string> RestoredAsync(byte[] json, byte[] baseUrl) => CopiedAsync(DicomJsonMetadata.Compress(json), baseUrl);

    private static async Task<string> CopiedAsync(byte[] compressed, byte[] baseUrl)
    {
        using MemoryStream written = new();
        PipeWriter output = PipeWriter.Create(written, new StreamPipeWriterOptions(leaveOpen: true));
        await DicomJsonMetadata.CopyToAsync(new MemoryStream(compressed), baseUrl, output, CancellationToken.None);
        await output.CompleteAsync();
        return Encoding.UTF8.GetString(written.ToArray());
    }
}
