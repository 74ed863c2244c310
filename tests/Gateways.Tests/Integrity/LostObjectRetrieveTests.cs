using System.Net;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Tests.Wado;

namespace ImagingIngestion.Gateways.Tests.Integrity;

/// <summary>Retrieves over WADO-RS of an object that is missing, or shorter than its row says.</summary>
public sealed class LostObjectRetrieveTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    private const int Columns = 1000;
    private const int Length = 3_000_000;
    private const string AsStored = "application/dicom; transfer-syntax=*";
    private const string Octets = "application/octet-stream";

    private static int _roots;

    /// <summary>Lost large objects, too, are found before the first byte: a client gets 503 instead of an aborted connection.</summary>
    [Theory]
    [InlineData(null, true, "", AsStored)]
    [InlineData(null, false, "", AsStored)]
    [InlineData(null, true, "/frames/1", Octets)]
    [InlineData(null, true, "/pixeldata", Octets)]
    [InlineData(2_000_000, true, "", AsStored)]
    [InlineData(2_000_000, false, "", AsStored)]
    [InlineData(2_000_000, true, "/frames/1", Octets)]
    [InlineData(2_000_000, true, "/pixeldata", Octets)]
    public async Task A_lost_object_is_refused_before_the_first_byte_and_flagged(
        int? left, bool hasChecksum, string resource, string accept)
    {
        (string study, string url) = await StoreAsync(hasChecksum);
        await host.LoseNewestObjectAsync(left);

        await AssertRefusedAsync(url + resource, accept);

        Assert.True(await host.IsFlaggedAsync(study));
        await AssertRefusedAsync(url, AsStored);
    }

    [Fact]
    public async Task A_range_that_a_cut_object_still_has_is_sent()
    {
        (string study, string url) = await StoreAsync(hasChecksum: true);
        await host.LoseNewestObjectAsync(2_000_000);

        using HttpResponseMessage answer = await host.GetAsync(url, AsStored, ("Range", "bytes=0-99999"));

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(100_000, (await answer.Content.ReadAsByteArrayAsync()).Length);
        Assert.False(await host.IsFlaggedAsync(study));
    }

    private async Task AssertRefusedAsync(string url, string accept)
    {
        using HttpResponseMessage answer = await host.GetAsync(url, accept);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains("missing or damaged", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(answer.Headers.RetryAfter);
    }

    private async Task<(string Study, string Url)> StoreAsync(bool hasChecksum)
    {
        string study = $"1.8.{Interlocked.Increment(ref _roots)}";
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = study,
            Series = study + ".1",
            Sop = study + ".1.1",
            Syntax = TransferSyntax.ExplicitVRLittleEndian,
            HasChecksum = hasChecksum,
            More = encoder => encoder
                .Word(DicomTag.SamplesPerPixel, 1)
                .Text(DicomTag.NumberOfFrames, DicomVR.IS, "1")
                .Word(DicomTag.Rows, Length / Columns)
                .Word(DicomTag.Columns, Columns).Word(DicomTag.BitsAllocated, 8).Bytes(DicomTag.PixelData, DicomVR.OW, new byte[Length]),
        });
        return (study, $"/dicom-web/studies/{study}/series/{study}.1/instances/{study}.1.1");
    }
}
