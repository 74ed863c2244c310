using System.Net;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Gateways.Tests.Wado;

namespace ImagingIngestion.Gateways.Tests.Qido;

public sealed class QidoSearchTests(RetrieveHost host) : IClassFixture<RetrieveHost>
{
    [Fact]
    public async Task A_study_comes_with_its_whole_return_set_and_nothing_else()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.1", Series = "1.9.1.1", Sop = "1.9.1.1.1", PatientId = "S1" });
        await host.Studies.StoreAsync(
            new RetrieveInstance { Study = "1.9.1", Series = "1.9.1.2", Sop = "1.9.1.2.1", PatientId = "S1", Modality = "SR" });

        Assert.Equal(
            """
            [{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},
            "00080020":{"vr":"DA","Value":["20200131"]},
            "00080030":{"vr":"TM","Value":["101500"]},
            "00080050":{"vr":"SH","Value":["A1"]},
            "00080056":{"vr":"CS","Value":["ONLINE"]},
            "00080061":{"vr":"CS","Value":["CT","SR"]},
            "00080090":{"vr":"PN"},
            "00081190":{"vr":"UR","Value":["BASE/dicom-web/studies/1.9.1"]},
            "00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane"}]},
            "00100020":{"vr":"LO","Value":["S1"]},
            "00100030":{"vr":"DA"},
            "00100040":{"vr":"CS"},
            "0020000D":{"vr":"UI","Value":["1.9.1"]},
            "00200010":{"vr":"SH"},
            "00201206":{"vr":"IS","Value":[2]},
            "00201208":{"vr":"IS","Value":[2]}}]
            """.ReplaceLineEndings("").Replace("BASE", host.BaseUrl),
            await GetTextAsync("/dicom-web/studies?PatientID=S1"));
    }

    [Fact]
    public async Task A_series_comes_with_its_return_set_and_the_uid_of_its_study()
    {
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.9.2", Series = "1.9.2.1", Sop = "1.9.2.1.1",
            More = encoder => encoder.Sequence(DicomTag.RequestAttributesSequence, item => item.Text(
                DicomTag.ScheduledProcedureStepDescription,
                DicomVR.LO,
                "hidden").Text(DicomTag.ScheduledProcedureStepID, DicomVR.SH, "S7")),
        });

        Assert.Equal(
            """
            [{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},
            "00080060":{"vr":"CS","Value":["CT"]},
            "00081190":{"vr":"UR","Value":["BASE/wado-rs/studies/1.9.2/series/1.9.2.1"]},
            "0020000D":{"vr":"UI","Value":["1.9.2"]},
            "0020000E":{"vr":"UI","Value":["1.9.2.1"]},
            "00200011":{"vr":"IS","Value":[3]},
            "00201209":{"vr":"IS","Value":[1]},
            "00400275":{"vr":"SQ","Value":[{"00400009":{"vr":"SH","Value":["S7"]}}]}}]
            """.ReplaceLineEndings("").Replace("BASE", host.BaseUrl),
            await GetTextAsync("/wado-rs/studies/1.9.2/series"));
    }

    [Fact]
    public async Task Levels_that_the_path_does_not_name_are_returned_too()
    {
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.9.3",
            Series = "1.9.3.1",
            Sop = "1.9.3.1.1",
            More = encoder => encoder.Word(DicomTag.Rows, 512)
        });

        JsonElement series = Assert.Single(await GetAsync("/dicom-web/series?SeriesInstanceUID=1.9.3.1"));
        JsonElement below = Assert.Single(await GetAsync("/dicom-web/studies/1.9.3/series/1.9.3.1/instances"));
        JsonElement inStudy = Assert.Single(await GetAsync("/dicom-web/studies/1.9.3/instances"));
        JsonElement anywhere = Assert.Single(await GetAsync("/dicom-web/instances?SOPInstanceUID=1.9.3.1.1"));

        Assert.True(Has(series, "00100010") && Has(series, "00201206") && Has(series, "00200011"));
        Assert.True(Has(below, "00080018") && Has(below, "00280010") && !Has(below, "00100010") && !Has(below, "00080060"));
        Assert.True(Has(inStudy, "00080060") && !Has(inStudy, "00100010"));
        Assert.True(Has(anywhere, "00080060") && Has(anywhere, "00100010"));
        Assert.Equal(
            $"{host.BaseUrl}/dicom-web/studies/1.9.3/series/1.9.3.1/instances/1.9.3.1.1",
            anywhere.GetProperty("00081190").GetProperty("Value")[0].GetString());
    }

    [Fact]
    public async Task Tags_ascend()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.4", Series = "1.9.4.1", Sop = "1.9.4.1.1" });

        foreach (string path in (string[])["/dicom-web/studies", "/dicom-web/series", "/dicom-web/instances?includefield=all"])
        {
            foreach (JsonElement match in await GetAsync(path))
            {
                string[] tags = [.. match.EnumerateObject().Select(property => property.Name)];
                Assert.Equal(tags.Order(StringComparer.Ordinal), tags);
            }
        }
    }

    [Fact]
    public async Task Keys_and_includefields_are_returned_and_attributes_of_lower_levels_are_not_made_up()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.5", Series = "1.9.5.1", Sop = "1.9.5.1.1" });

        JsonElement study = Assert.Single(await GetAsync(
            "/dicom-web/studies?StudyInstanceUID=1.9.5&includefield=00081030%2C00080060&includefield=StudyComments&PatientBirthTime="));

        Assert.Equal("Thorax", study.GetProperty("00081030").GetProperty("Value")[0].GetString());
        Assert.True(Has(study, "00324000") && Has(study, "00100032"));
        Assert.False(Has(study, "00080060"));
    }

    /// <summary>OHIF reads the value of each study's ModalitiesInStudy, and shows no list if one has none.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("&includefield=00080061&ModalitiesInStudy=")]
    [InlineData("&includefield=all")]
    public async Task A_study_whose_series_have_no_modality_says_nothing_of_modalities(string more)
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.12", Series = "1.9.12.1", Sop = "1.9.12.1.1", Modality = "" });

        Assert.False(Has(Assert.Single(await GetAsync("/dicom-web/studies?StudyInstanceUID=1.9.12" + more)), "00080061"));
        JsonElement series = Assert.Single(await GetAsync("/dicom-web/studies/1.9.12/series"));
        Assert.False(series.GetProperty("00080060").TryGetProperty("Value", out _));
    }

    /// <summary>The largest search that is allowed: every store answers it in one statement.</summary>
    [Fact]
    public async Task The_largest_search_is_answered()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.13", Series = "1.9.13.1", Sop = "1.9.13.1.1" });
        string words = string.Join('+', Enumerable.Range(0, 200).Select(number => $"w{number}"));
        string dates = string.Join('&', Enumerable.Repeat("StudyDate=19000101-", 400));
        string ids = string.Join("%5C", Enumerable.Range(0, 56).Select(number => $"P{number}"));
        string uids = string.Join(',', Enumerable.Range(0, 900).Select(number => $"1.2.{number}"));

        using HttpResponseMessage response = await host.GetAsync(
            $"/dicom-web/studies?fuzzymatching=true&PatientName={words}&{dates}&PatientID={ids}&StudyInstanceUID={uids}");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Instances_return_attributes_that_only_their_metadata_holds()
    {
        await host.Studies.StoreAsync(new RetrieveInstance
        {
            Study = "1.9.6", Series = "1.9.6.1", Sop = "1.9.6.1.1",
            More =
                encoder => encoder.Text(DicomTag.WindowCenter, DicomVR.DS, "40.50").Bytes(DicomTag.PixelData, DicomVR.OW, new byte[4096]),
        });

        JsonElement one = Assert.Single(await GetAsync("/dicom-web/studies/1.9.6/instances?includefield=WindowCenter"));
        JsonElement all = Assert.Single(await GetAsync("/dicom-web/studies/1.9.6/instances?includefield=all"));

        Assert.Equal("40.5", one.GetProperty("00281050").GetProperty("Value")[0].ToString().TrimEnd('0'));
        Assert.False(Has(one, "7FE00010"));
        Assert.Equal(
            $"{host.BaseUrl}/dicom-web/studies/1.9.6/series/1.9.6.1/instances/1.9.6.1.1/bulkdata/7FE00010",
            all.GetProperty("7FE00010").GetProperty("BulkDataURI").GetString());
    }

    [Fact]
    public async Task Pages_meet_without_gap_or_repetition_and_say_when_more_remain()
    {
        for (int number = 1; number <= 7; number++)
        {
            await host.Studies.StoreAsync(new RetrieveInstance
            {
                Study = $"1.9.7.{number}",
                Series = $"1.9.7.{number}.1",
                Sop = $"1.9.7.{number}.1.1",
                PatientId = "PAGED"
            });
        }

        List<string> seen = [];
        for (int offset = 0; offset < 9; offset += 3)
        {
            using HttpResponseMessage response = await host.GetAsync($"/dicom-web/studies?PatientID=PAGED&limit=3&offset={offset}");
            bool more = response.Headers.TryGetValues("Warning", out IEnumerable<string>? warnings);
            Assert.Equal(offset < 6, more);
            Assert.All(warnings ?? [], warning => Assert.StartsWith("299 ", warning));
            JsonElement page = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;
            seen.AddRange(page.EnumerateArray().Select(study => study.GetProperty("0020000D").GetProperty("Value")[0].GetString()!));
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(7, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_limit_of_nothing_only_tells_that_there_is_more()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.8", Series = "1.9.8.1", Sop = "1.9.8.1.1" });

        using HttpResponseMessage response = await host.GetAsync("/dicom-web/studies?StudyInstanceUID=1.9.8&limit=0");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.True(response.Headers.Contains("Warning"));
    }

    [Theory]
    [InlineData("/dicom-web/studies?PatientID=NOBODY", HttpStatusCode.NoContent)]
    [InlineData("/dicom-web/studies/1.2.999/series", HttpStatusCode.NoContent)]
    [InlineData("/dicom-web/studies?offset=-1", HttpStatusCode.BadRequest)]
    [InlineData("/dicom-web/studies?StudyDate=x", HttpStatusCode.BadRequest)]
    [InlineData("/dicom-web/studies/not-a-uid/series", HttpStatusCode.BadRequest)]
    public async Task Nothing_found_is_204_and_a_bad_query_is_a_problem(string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await host.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(
            status == HttpStatusCode.NoContent ? null : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(null, "application/dicom+json")]
    [InlineData("*/*", "application/dicom+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*", "application/dicom+json")]
    [InlineData("multipart/related; type=\"application/dicom+xml\"", "multipart/related")]
    [InlineData("multipart/related; type=application/dicom+xml, application/dicom+json;q=0.1", "multipart/related")]
    public async Task The_accept_header_chooses_json_or_xml(string? accept, string expected)
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.10", Series = "1.9.10.1", Sop = "1.9.10.1.1" });

        using HttpResponseMessage response = await host.GetAsync("/dicom-web/studies?StudyInstanceUID=1.9.10", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task What_cannot_be_accepted_is_406_and_a_known_but_unmatched_key_is_a_warning()
    {
        await host.Studies.StoreAsync(new RetrieveInstance { Study = "1.9.11", Series = "1.9.11.1", Sop = "1.9.11.1.1" });

        using HttpResponseMessage refused = await host.GetAsync("/dicom-web/studies", "image/png");
        using HttpResponseMessage warned = await host.GetAsync("/dicom-web/studies?StudyInstanceUID=1.9.11&WindowCenter=40");

        Assert.Equal(HttpStatusCode.NotAcceptable, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, warned.StatusCode);
        Assert.Contains("WindowCenter", Assert.Single(warned.Headers.GetValues("Warning")));
    }

    private static bool Has(JsonElement match, string tag) => match.TryGetProperty(tag, out _);

    private async Task<string> GetTextAsync(string path)
    {
        using HttpResponseMessage response = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<JsonElement[]> GetAsync(string path)
        => [.. JsonDocument.Parse(await GetTextAsync(path)).RootElement.EnumerateArray()];
}
