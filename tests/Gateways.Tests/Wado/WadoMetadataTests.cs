using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Gateways.Tests.Wado;

public sealed class WadoMetadataTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    [Fact]
    public async Task Metadata_of_a_study_a_series_and_an_instance_is_an_array_in_order_of_instance_number()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.1", Series = "1.6.1.1", Sop = "1.6.1.1.2", Number = "2" });
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.1", Series = "1.6.1.1", Sop = "1.6.1.1.1", Number = "1" });
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.1", Series = "1.6.1.2", Sop = "1.6.1.2.1" });

        Assert.Equal(3, (await GetAsync("/dicom-web/studies/1.6.1/metadata")).Length);
        Assert.Equal(["1.6.1.1.1", "1.6.1.1.2"], (await GetAsync("/dicom-web/studies/1.6.1/series/1.6.1.1/metadata")).Select(Sop));
        Assert.Equal(["1.6.1.1.2"], (await GetAsync("/dicom-web/studies/1.6.1/series/1.6.1.1/instances/1.6.1.1.2/metadata")).Select(Sop));
    }

    [Fact]
    public async Task Metadata_needs_no_object()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.2", Series = "1.6.2.1", Sop = "1.6.2.1.1" });
        await host.TruncateNewestObjectAsync(0);

        Assert.Single(await GetAsync("/dicom-web/studies/1.6.2/metadata"));
    }

    [Fact]
    public async Task Metadata_comes_as_xml_when_asked()
    {
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.6.3",
            Series = "1.6.3.1",
            Sop = "1.6.3.1.1",
            More = encoder => encoder.Bytes(DicomTag.PixelData, DicomVR.OW, new byte[2048])
        });

        using HttpResponseMessage response =
            await host.GetAsync("/dicom-web/studies/1.6.3/metadata", "multipart/related; type=\"application/dicom+xml\"");
        (string headers, byte[] body) = Assert.Single(await MultipartParts.ReadAsync(response));

        Assert.Contains("Content-Type: application/dicom+xml", headers);
        XElement pixels = XDocument.Load(new MemoryStream(body)).Descendants().Single(
            element => (string?)element.Attribute("tag") == "7FE00010");
        Assert.Equal(
            $"{host.BaseUrl}/dicom-web/studies/1.6.3/series/1.6.3.1/instances/1.6.3.1.1/bulkdata/7FE00010",
            (string?)pixels.Elements().Single().Attribute("uri"));
    }

    [Fact]
    public async Task The_entity_tag_of_a_study_changes_with_each_instance()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.5", Series = "1.6.5.1", Sop = "1.6.5.1.1" });
        using HttpResponseMessage before = await host.GetAsync("/dicom-web/studies/1.6.5/metadata");
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.6.5", Series = "1.6.5.1", Sop = "1.6.5.1.2" });

        using HttpResponseMessage after =
            await host.GetAsync("/dicom-web/studies/1.6.5/metadata", null, ("If-None-Match", before.Headers.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private static string? Sop(JsonElement instance) => instance.GetProperty("00080018").GetProperty("Value")[0].GetString();

    private async Task<JsonElement[]> GetAsync(string path)
        => [.. JsonDocument.Parse(await host.Client.GetByteArrayAsync(path)).RootElement.EnumerateArray()];
}
