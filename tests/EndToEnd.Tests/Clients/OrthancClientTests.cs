using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Orthanc's DICOMweb plugin as our client; Debian 12 has version 1.7.</summary>
/// <remarks>
/// Its multipart boundary has 73 characters, more than RFC 2046 allows. It sends in chunks, with a Content-Length in each part. It searches
/// with <c>Accept: */*</c> and retrieves with <c>transfer-syntax=*</c>. It reports an empty search (204) as a bad file.
/// </remarks>
[Collection(RunningServer.Collection)]
public sealed class OrthancClientTests(RunningServer server) : IAsyncLifetime
{
    private const string Peer = "dicom-web/servers/" + OrthancServer.ServerName;

    internal static readonly string[] MoreFiles =
        [
            "native/implicit_le.dcm",
            "native/deflated.dcm",
            "native/no_pixel_data.dcm",
            "encapsulated/jpeg_ls.dcm",
            "encapsulated/one_frame_many_fragments.dcm"
        ];

    private readonly TemporaryFolder _folder = new();
    private OrthancServer? _orthanc;

    private HttpClient Orthanc => _orthanc!.Client;

    public async Task InitializeAsync()
    {
        if (Tools.SkipReason(Tools.Orthanc) is null)
        {
            _orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri(server.Root + "/"));
        }
    }

    public async Task DisposeAsync()
    {
        if (_orthanc is not null)
        {
            await _orthanc.DisposeAsync();
        }

        _folder.Dispose();
    }

    [ToolFact(Tools.Orthanc)]
    public async Task A_study_sent_by_Orthanc_is_found_and_retrieved_by_it_with_the_same_bytes()
    {
        ClientStudy study = new("orthanc");
        await UploadAsync(study.Files);

        JsonNode sent = await SendAllAsync();
        JsonNode found = await AskAsync("qido", new JsonObject
        {
            ["Uri"] = "/studies",
            ["Arguments"] = new JsonObject { ["StudyInstanceUID"] = study.Uid, ["PatientName"] = "Client*" }
        });
        await EmptyAsync();
        JsonNode retrieved = await RetrieveAsync(new JsonObject { ["Study"] = study.Uid });

        Assert.Equal("3", sent["InstancesCount"]!.ToString());
        Assert.Equal(study.Uid, Assert.Single(found.AsArray())!["0020000D"]!["Value"]!.GetValue<string>());
        Assert.Equal("3", retrieved["ReceivedInstancesCount"]!.ToString());
        Part10Bytes.AssertSameDataSets(study.Files, await DownloadAsync());
    }

    [ToolFact(Tools.Orthanc)]
    public async Task Every_kind_of_file_that_Orthanc_takes_passes_through_both_unchanged()
    {
        TestFile[] files = [.. MoreFiles.Select(TestFiles.Get)];
        await UploadAsync(files);
        byte[][] held = await DownloadAsync();

        JsonNode sent = await SendAllAsync();
        await EmptyAsync();
        await RetrieveAsync([.. files.Select(file => new JsonObject { ["Study"] = file.StudyUid })]);

        Assert.Equal(files.Length, held.Length);
        Assert.Equal($"{files.Length}", sent["InstancesCount"]!.ToString());
        Part10Bytes.AssertSameDataSets(files, await DownloadAsync());
    }

    [ToolFact(Tools.Orthanc)]
    public async Task Orthanc_retrieves_a_series_and_a_single_instance()
    {
        ClientStudy study = new("orthanc levels");
        await UploadAsync(study.Files);
        await SendAllAsync();

        await EmptyAsync();
        await RetrieveAsync(new JsonObject { ["Study"] = study.Uid, ["Series"] = study.Plain.SeriesUid });
        byte[][] series = await DownloadAsync();
        await EmptyAsync();
        await RetrieveAsync(
            new JsonObject { ["Study"] = study.Uid, ["Series"] = study.Compressed.SeriesUid, ["Instance"] = study.Compressed.SopUid });

        Part10Bytes.AssertSameDataSets([study.Plain, study.Multiframe], series);
        Part10Bytes.AssertSameDataSets([study.Compressed], await DownloadAsync());
    }

    [ToolFact(Tools.Orthanc)]
    public async Task Orthanc_reads_our_metadata_and_sees_a_second_send_succeed()
    {
        ClientStudy study = new("orthanc again");
        await UploadAsync(study.Files);
        await SendAllAsync();

        JsonNode again = await SendAllAsync();
        JsonNode metadata = await AskAsync("get", new JsonObject
        {
            ["Uri"] = $"/studies/{study.Uid}/metadata",
            ["HttpHeaders"] = new JsonObject { ["Accept"] = "application/dicom+json" }
        });

        Assert.Equal("3", again["InstancesCount"]!.ToString());
        Assert.Equal(
            study.Files.Select(file => file.SopUid!).Order(StringComparer.Ordinal),
            metadata.AsArray().Select(item => item!["00080018"]!["Value"]![0]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    private async Task UploadAsync(IEnumerable<TestFile> files)
    {
        foreach (TestFile file in files)
        {
            using HttpResponseMessage answer = await Orthanc.PostAsync("instances", new ReadOnlyMemoryContent(file.Bytes));
            Assert.True(answer.IsSuccessStatusCode, $"Orthanc does not take {file}.");
        }
    }

    private async Task<JsonNode> SendAllAsync()
    {
        JsonArray studies = (await Orthanc.GetFromJsonAsync<JsonArray>("studies"))!;
        return await AskAsync("stow", new JsonObject { ["Resources"] = studies, ["Synchronous"] = true });
    }

    private Task<JsonNode> RetrieveAsync(params JsonNode[] resources)
        => AskAsync("retrieve", new JsonObject { ["Resources"] = new JsonArray(resources), ["Synchronous"] = true });

    private async Task<JsonNode> AskAsync(string command, JsonObject body)
    {
        using StringContent content = new(body.ToJsonString());
        using HttpResponseMessage answer = await Orthanc.PostAsync($"{Peer}/{command}", content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task EmptyAsync()
    {
        foreach (JsonNode? study in (await Orthanc.GetFromJsonAsync<JsonArray>("studies"))!)
        {
            (await Orthanc.DeleteAsync($"studies/{study}")).Dispose();
        }

        Assert.Empty((await Orthanc.GetFromJsonAsync<JsonArray>("instances"))!);
    }

    private async Task<byte[][]> DownloadAsync()
    {
        List<byte[]> files = [];
        foreach (JsonNode? instance in (await Orthanc.GetFromJsonAsync<JsonArray>("instances"))!)
        {
            files.Add(await Orthanc.GetByteArrayAsync($"instances/{instance}/file"));
        }

        return [.. files];
    }
}
