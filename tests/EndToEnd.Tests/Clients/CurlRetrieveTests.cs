using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Search and retrieve with curl, with the Accept headers that people and viewers send.</summary>
[Collection(RunningServer.Collection)]
public sealed class CurlRetrieveTests(RunningServer server)
{
    private const string ExplicitLittle = "1.2.840.10008.1.2.1";
    private const string OhifFrames = "multipart/related; type=application/octet-stream; transfer-syntax=*";

    [ToolFact(Tools.Curl)]
    public async Task A_study_is_found_by_what_people_search_for()
    {
        ClientStudy study = await StoreAsync("search");
        string[] queries =
        [
            "PatientID=" + study.PatientId.Replace(" ", "%20", StringComparison.Ordinal), "StudyInstanceUID=" + study.Uid,
            "0020000D=" + study.Uid + "&includefield=all",
            $"StudyInstanceUID={study.Uid}&PatientName=cli*&StudyDate=20240101-20241231&ModalitiesInStudy=OT",
            $"limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060&PatientName=*Client*&StudyInstanceUID={study.Uid}",
        ];
        foreach (string query in queries)
        {
            CurlAnswer found = await Curl.GetAsync($"{server.Root}/studies?{query}");

            Assert.Equal(200, found.Status);
            JsonNode row = Assert.Single(found.Json.AsArray())!;
            Assert.Equal(study.Uid, row["0020000D"]!["Value"]![0]!.GetValue<string>());
            Assert.Equal(3, row["00201208"]!["Value"]![0]!.GetValue<int>());
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task Series_and_instances_are_found_below_both_roots_and_nothing_found_is_204()
    {
        ClientStudy study = await StoreAsync("search levels");
        foreach (string root in new[] { "dicom-web", "wado-rs" })
        {
            Assert.Equal(2, (await Curl.GetAsync(
                server.Url($"{root}/studies/{study.Uid}/series"), "application/dicom+json, application/json")).Json.AsArray().Count);
            Assert.Equal(
                3, (await Curl.GetAsync(server.Url($"{root}/studies/{study.Uid}/instances"), "application/json")).Json.AsArray().Count);
            Assert.Equal(2, (await Curl.GetAsync(
                server.Url($"{root}/studies/{study.Uid}/series/{study.Plain.SeriesUid}/instances"))).Json.AsArray().Count);
            Assert.Single((await Curl.GetAsync(server.Url($"{root}/instances?SOPInstanceUID={study.Plain.SopUid}"))).Json.AsArray());
            Assert.Equal(204, (await Curl.GetAsync(server.Url($"{root}/studies?PatientID=nobody"))).Status);
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task A_study_comes_back_identical_where_any_transfer_syntax_is_welcome()
    {
        ClientStudy study = await StoreAsync("study");
        foreach (string accept in new[]
        {
            "multipart/related; type=\"application/dicom\"; transfer-syntax=\"*\"", "multipart/related; type=\"application/dicom\"; "
                + "transfer-syntax=*", "multipart/related; type=application/dicom; transfer-syntax=*",
        })
        {
            CurlAnswer answer = await Curl.GetAsync($"{server.Root}/studies/{study.Uid}", accept);

            Assert.Equal(200, answer.Status);
            Part10Bytes.AssertSameDataSets(study.Files, answer.Parts.Select(part => part.Body));
            Assert.All(
                answer.Parts,
                part => Assert.Contains("Content-Type: application/dicom; transfer-syntax=", part.Headers, StringComparison.Ordinal));
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task A_client_that_names_only_the_type_needs_the_transfer_syntax_of_a_compressed_instance()
    {
        ClientStudy study = await StoreAsync("any type");

        CurlAnswer native = await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Plain), "*/*");
        CurlAnswer compressed = await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Compressed), "*/*");
        CurlAnswer refused =
            await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Compressed), "multipart/related; type=\"application/dicom\"");

        Part10Bytes.AssertSameDataSets([study.Plain], native.Parts.Select(part => part.Body));
        Part10Bytes.AssertSameDataSets([study.Compressed], compressed.Parts.Select(part => part.Body));
        Assert.Equal(406, refused.Status);
        Assert.Equal("application/problem+json", refused.Header("Content-Type"));
        Assert.Contains(study.Compressed.TransferSyntaxUid!, refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [ToolFact(Tools.Curl)]
    public async Task Frames_come_with_every_Accept_that_viewers_send()
    {
        ClientStudy study = await StoreAsync("frames");
        (TestFile File, string? Accept, string Type)[] rows =
        [
            (study.Multiframe, null, "application/octet-stream"),
            (study.Multiframe, "*/*", "application/octet-stream"),
            (study.Multiframe, OhifFrames, "application/octet-stream; transfer-syntax=" + ExplicitLittle),
            (study.Multiframe, "application/dicom+json, " + OhifFrames, "application/octet-stream"),
            (study.Multiframe, OhifFrames + ", application/dicom+json", "application/octet-stream"),
            (study.Multiframe, "multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"", "application/octet-stream"),
            (study.Compressed, OhifFrames, ""),
            (study.Compressed, "application/dicom+json, " + OhifFrames, ""),
            (study.Compressed, "multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"", ""),
            (study.Compressed, "multipart/related; type=\"image/jpeg\"", "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"),
            (study.Compressed, "multipart/related; type=image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50",
                "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"),
        ];
        foreach ((TestFile file, string? accept, string type) in rows)
        {
            string list = string.Join(',', Enumerable.Range(1, file.FrameCount!.Value));

            CurlAnswer answer = await Curl.GetAsync($"{server.Root}{ClientStudy.PathOf(file)}/frames/{list}", accept);

            Assert.Equal(200, answer.Status);
            Assert.Equal(file.Frames!, answer.Parts.Select(part => part.Body));
            Assert.All(answer.Parts, part => Assert.Contains("Content-Type: " + type, part.Headers, StringComparison.Ordinal));
        }
    }

    [ToolFact(Tools.Curl)]
    public async Task Metadata_comes_as_JSON_to_a_viewer_that_joins_its_types_with_a_comma()
    {
        ClientStudy study = await StoreAsync("metadata");
        foreach (string accept in new[]
        {
            "*/*",
            "application/dicom+json, " + OhifFrames,
            "application/json",
            "application/dicom+json;q=0.9, text/html;q=0.1"
        })
        {
            CurlAnswer answer = await Curl.GetAsync($"{server.Root}/studies/{study.Uid}/series/{study.Plain.SeriesUid}/metadata", accept);

            Assert.Equal(200, answer.Status);
            Assert.Equal(2, answer.Json.AsArray().Count);
        }
    }

    [ToolFact(Tools.Curl)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task A_range_of_an_instance_and_of_a_bulk_value_is_the_same_bytes()
    {
        ClientStudy study = await StoreAsync("range");
        string instance = server.Root + ClientStudy.PathOf(study.Compressed);
        CurlAnswer whole = await Curl.GetAsync(instance, "application/dicom; transfer-syntax=*");

        CurlAnswer middle = await Curl.GetAsync(instance, "application/dicom; transfer-syntax=*", "-r", "100-299");
        CurlAnswer tail = await Curl.GetAsync(instance, "application/dicom; transfer-syntax=*", "-r", "-50");
        CurlAnswer beyond = await Curl.GetAsync(instance, "application/dicom; transfer-syntax=*", "-r", "99999999-");
        CurlAnswer bulk = await Curl.GetAsync(
            $"{server.Root}{ClientStudy.PathOf(study.Plain)}/bulkdata/7FE00010", "application/octet-stream", "-r", "10-19");

        Assert.Equal([200, 206, 206, 416, 206], new[] { whole, middle, tail, beyond, bulk }.Select(answer => answer.Status));
        Assert.Equal(whole.Body[100..300], middle.Body);
        Assert.Equal($"bytes 100-299/{whole.Body.Length}", middle.Header("Content-Range"));
        Assert.Equal(whole.Body[^50..], tail.Body);
        Assert.Equal(study.Plain.Frames![0][10..20], bulk.Body);
    }

    [ToolFact(Tools.Curl)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task What_a_client_has_already_is_304_until_it_changes()
    {
        ClientStudy study = await StoreAsync("etag");
        string instance = ClientStudy.PathOf(study.Plain);
        (string Path, string Accept)[] resources =
        [
            ("/studies/" + study.Uid, "multipart/related; type=application/dicom; transfer-syntax=*"),
            ($"/studies/{study.Uid}/metadata", "application/dicom+json"),
            (instance, "application/dicom"), (instance + "/metadata", "application/dicom+json"), (instance + "/bulkdata/7FE00010", "*/*"),
            (instance + "/frames/1", OhifFrames),
        ];
        List<string> tags = [];
        foreach ((string path, string accept) in resources)
        {
            CurlAnswer first = await Curl.GetAsync(server.Root + path, accept);
            tags.Add(first.Header("ETag")!);

            CurlAnswer again = await Curl.GetAsync(server.Root + path, accept, "-H", "If-None-Match: " + tags[^1]);

            Assert.Equal([200, 304], new[] { first.Status, again.Status });
            Assert.Empty(again.Body);
        }

        await Curl.RunAsync("-X", "DELETE", server.Root + ClientStudy.PathOf(study.Compressed));
        CurlAnswer changed = await Curl.GetAsync(server.Root + resources[1].Path, resources[1].Accept, "-H", "If-None-Match: " + tags[1]);
        Assert.Equal(200, changed.Status);
    }

    [ToolFact(Tools.Curl)]
    public async Task HEAD_answers_with_the_headers_of_GET()
    {
        ClientStudy study = await StoreAsync("head");

        CurlAnswer head =
            await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Compressed), "application/dicom; transfer-syntax=*", "-I");
        CurlAnswer whole = await Curl.GetAsync(server.Root + ClientStudy.PathOf(study.Compressed), "application/dicom; transfer-syntax=*");

        Assert.Equal(200, head.Status);
        Assert.Equal(whole.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), head.Header("Content-Length"));
        Assert.Equal(whole.Header("ETag"), head.Header("ETag"));
    }

    private async Task<ClientStudy> StoreAsync(string name)
    {
        ClientStudy study = new("curl " + name);
        using TemporaryFolder folder = new();
        string body = folder.Sub("body");
        await Curl.WriteMultipartAsync(body, "parts", study.WriteTo(folder.Sub("files")));
        CurlAnswer stored = await Curl.RunAsync(
            "-H",
            "Content-Type: multipart/related; type=\"application/dicom\"; boundary=parts",
            "--data-binary",
            "@" + body,
            server.Root + "/studies");
        Assert.Equal(200, stored.Status);
        return study;
    }
}
