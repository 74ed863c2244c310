using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Gateways.Tests.Wado;

namespace ImagingIngestion.Gateways.Tests.Integrity;

/// <summary>Retrieves over WADO-RS of an object with a flipped bit in the store.</summary>
public sealed class DamagedRetrieveTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    private static int _roots;

    private const string AsStored = "application/dicom; transfer-syntax=*";
    private const string ManyAsStored = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private const string Reencoded = "application/dicom";

    private const int Columns = 1000;
    private const int Small = 1000;
    private const int Large = 3_000_000;

    [Theory]
    [InlineData(AsStored, "1.2.840.10008.1.2.1")]
    [InlineData(ManyAsStored, "1.2.840.10008.1.2.1")]
    [InlineData(Reencoded, "1.2.840.10008.1.2")]
    [InlineData(Reencoded, "1.2.840.10008.1.2.2")]
    [InlineData(Reencoded, "1.2.840.10008.1.2.1.99")]
    [InlineData("multipart/related; type=\"application/dicom\"", "1.2.840.10008.1.2")]
    public async Task A_small_object_is_refused_and_then_known_to_be_damaged(string accept, string syntax)
    {
        string root = await StoreAsync(Small, TransferSyntax.FromUid(syntax));
        await host.FlipNewestObjectAsync(-10);

        await AssertNeverWholeAsync(root, accept);

        await AssertDamagedAsync(root, accept);
    }

    [Theory]
    [InlineData(AsStored, "1.2.840.10008.1.2.1", -1)]
    [InlineData(AsStored, "1.2.840.10008.1.2.1", 40)]
    [InlineData(AsStored, "1.2.840.10008.1.2.1", Large / 2)]
    [InlineData(ManyAsStored, "1.2.840.10008.1.2.1", Large / 2)]
    [InlineData(Reencoded, "1.2.840.10008.1.2", Large / 2)]
    [InlineData(Reencoded, "1.2.840.10008.1.2", -1)]
    [InlineData(Reencoded, "1.2.840.10008.1.2.2", Large / 2)]
    [InlineData(Reencoded, "1.2.840.10008.1.2.1.99", 600)]
    [InlineData(Reencoded, "1.2.840.10008.1.2.1.99", -1)]
    [InlineData("multipart/related; type=\"application/dicom\"", "1.2.840.10008.1.2", Large / 2)]
    public async Task A_large_object_breaks_off_before_its_end_and_is_then_known_to_be_damaged(string accept, string syntax, int place)
    {
        string root = await StoreAsync(Large, TransferSyntax.FromUid(syntax));
        await host.FlipNewestObjectAsync(place);

        await AssertNeverWholeAsync(root, accept);

        await AssertDamagedAsync(root, accept);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task A_flipped_length_that_makes_the_header_unreadable_is_no_fault_of_its_encoding(string syntax)
    {
        string root = await StoreAsync(Large, TransferSyntax.FromUid(syntax));
        int head = FileMetaWriter.Write("1.2.840.10008.5.1.4.1.1.2", root + ".1.1", syntax).Length;
        await host.FlipNewestObjectAsync(head + 7);

        await AssertNeverWholeAsync(root, Reencoded);

        await AssertDamagedAsync(root, Reencoded);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task An_object_that_was_cut_is_known_to_be_damaged_after_the_first_try(int length)
    {
        string root = await StoreAsync(length, TransferSyntax.ExplicitVRLittleEndian);
        await host.TruncateNewestObjectAsync(length - 100);

        await AssertNeverWholeAsync(root, AsStored);

        await AssertDamagedAsync(root, AsStored);
    }

    [Fact]
    public async Task Once_known_nothing_of_the_object_is_handed_out_whatever_the_client_has_cached()
    {
        string root = await StoreAsync(Large, TransferSyntax.ExplicitVRLittleEndian);
        string[] resources = ["", "/frames/1", "/pixeldata"];
        List<EntityTagHeaderValue> tags = [];
        foreach (string resource in resources)
        {
            using HttpResponseMessage good =
                await host.GetAsync(Url(root) + resource, resource.Length == 0 ? AsStored : "application/octet-stream");
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
            tags.Add(good.Headers.ETag!);
        }

        await host.FlipNewestObjectAsync(Large / 2);
        await AssertNeverWholeAsync(root, AsStored);

        foreach ((string resource, EntityTagHeaderValue tag) in resources.Zip(tags))
        {
            string accept = resource.Length == 0 ? AsStored : "application/octet-stream";
            await AssertDamagedAsync(root + resource, accept);
            await AssertDamagedAsync(root + resource, accept, ("If-None-Match", tag.ToString()));
            await AssertDamagedAsync(root + resource, accept, ("Range", "bytes=0-9"));
        }

        using HttpResponseMessage study = await host.GetAsync($"/dicom-web/studies/{root}", ManyAsStored);
        using HttpResponseMessage metadata = await host.GetAsync(Url(root) + "/metadata", "application/dicom+json");
        using HttpResponseMessage search = await host.GetAsync($"/dicom-web/studies?StudyInstanceUID={root}", "application/dicom+json");
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.OK),
            (study.StatusCode, metadata.StatusCode, search.StatusCode));
    }

    [Fact]
    public async Task A_study_breaks_off_at_the_damaged_object_and_its_other_instances_are_handed_out_alone()
    {
        string root = await StoreAsync(Large, TransferSyntax.ExplicitVRLittleEndian);
        await host.FlipNewestObjectAsync(Large / 2);
        byte[] other =
            await host.Studies.StoreAsync(new RetrieveInstance { Study = root, Series = root + ".1", Sop = root + ".1.2", Number = "2" });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.GetAsync($"/dicom-web/studies/{root}", ManyAsStored));

        using HttpResponseMessage response = await host.GetAsync(Url(root).Replace(".1.1", ".1.2", StringComparison.Ordinal), AsStored);
        Assert.Equal(other, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task An_object_of_before_checksums_is_handed_out_as_it_is()
    {
        string root = await StoreAsync(Large, TransferSyntax.ExplicitVRLittleEndian, hasChecksum: false);
        await host.FlipNewestObjectAsync(-1);

        using HttpResponseMessage response = await host.GetAsync(Url(root), AsStored);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True((await response.Content.ReadAsByteArrayAsync()).Length > Large);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_bit_that_flips_on_the_way_once_condemns_no_object(int length)
    {
        string root = await StoreAsync(length, TransferSyntax.ExplicitVRLittleEndian);
        host.Objects.FlipsNextRead = true;

        await AssertNeverWholeAsync(root, AsStored);

        using HttpResponseMessage response = await host.GetAsync(Url(root), AsStored);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True((await response.Content.ReadAsByteArrayAsync()).Length > length);
    }

    private static string Url(string root)
    {
        int slash = root.IndexOf('/', StringComparison.Ordinal);
        (string study, string rest) = slash < 0 ? (root, "") : (root[..slash], root[slash..]);
        return $"/dicom-web/studies/{study}/series/{study}.1/instances/{study}.1.1{rest}";
    }

    private async Task<string> StoreAsync(int length, TransferSyntax syntax, bool hasChecksum = true)
    {
        string root = $"1.9.{_roots++}";
        byte[] pixels = new byte[length];
        new Random(length).NextBytes(pixels);
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = root,
            Series = root + ".1",
            Sop = root + ".1.1",
            Syntax = syntax,
            HasChecksum = hasChecksum,
            More = encoder => encoder
                .Word(DicomTag.SamplesPerPixel, 1)
                .Text(DicomTag.NumberOfFrames, DicomVR.IS, "1")
                .Word(DicomTag.Rows, (ushort)(length / Columns))
                .Word(DicomTag.Columns, Columns).Word(DicomTag.BitsAllocated, 8).Bytes(DicomTag.PixelData, DicomVR.OW, pixels),
        });
        return root;
    }

    /// <summary>Checks for an error status, or a body that breaks off.</summary>
    private async Task AssertNeverWholeAsync(string root, string accept)
    {
        try
        {
            using HttpResponseMessage response = await host.GetAsync(Url(root), accept);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The connection was aborted.
        }
    }

    private async Task AssertDamagedAsync(string root, string accept, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await host.GetAsync(Url(root), accept, headers);
        string problem = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("is damaged", problem, StringComparison.Ordinal);
        Assert.Null(response.Headers.RetryAfter);
        Assert.Null(response.Headers.ETag);
    }
}
