using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Clients;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Commitment;

/// <summary>
/// Debian's Orthanc asks us for storage commitment. It releases its association after the request and takes the report on one that is
/// opened to its DICOM port.
/// </summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class OrthancCommitmentTests : IAsyncLifetime
{
    private const string Modality = "ours";
    private const string MissingInstance = "1.2.826.0.1.3680043.99.1";
    private const string PetImage = "1.2.840.10008.5.1.4.1.1.128";

    private static readonly Regex Listening = new(@"DIMSE +(?<title>\S+) on \S+ port (?<port>\d+)", RegexOptions.CultureInvariant);
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly int _orthancPort = OrthancServer.FreePort();
    private OrthancServer? _orthanc;

    private HttpClient Orthanc => _orthanc!.Client;

    public async Task InitializeAsync()
    {
        if (Tools.SkipReason(Tools.Orthanc) is null)
        {
            _orthanc = await OrthancServer.StartAsync(
                _folder.Sub("orthanc"),
                new Uri("http://127.0.0.1:9/"),
                ("DicomServerEnabled", true),
                ("DicomAet", "ORTHANC"),
                ("DicomPort", _orthancPort),
                ("DicomAlwaysAllowStore", true));
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
    public async Task Orthanc_hears_that_what_it_sent_is_safe_and_what_it_did_not_send_is_missing()
    {
        ClientStudy study = new("orthanc commitment");
        await using Server ours = await StartAsync();
        await UploadAsync(study.Files);
        await PostAsync($"modalities/{Modality}/store", await Orthanc.GetFromJsonAsync<JsonArray>("studies"));

        JsonObject safe = await FinishedAsync(await AskAsync(await Orthanc.GetFromJsonAsync<JsonArray>("studies"), []));
        string sopClass = safe["Success"]!.AsArray().First(
            item => item!["SOPInstanceUID"]!.GetValue<string>() == study.Plain.SopUid)!["SOPClassUID"]!.GetValue<string>();
        JsonObject failed = await FinishedAsync(
            await AskAsync([], [(sopClass, MissingInstance), (sopClass, study.Plain.SopUid!), (PetImage, study.Multiframe.SopUid!)]));

        Assert.Equal("Success", safe["Status"]!.GetValue<string>());
        Assert.Equal(study.Files.Select(file => file.SopUid!).Order(), Instances(safe, "Success").Order());
        Assert.Equal("Failure", failed["Status"]!.GetValue<string>());
        Assert.Equal([(MissingInstance, 0x0112), (study.Multiframe.SopUid!, 0x0119)], failed["Failures"]!.AsArray().Select(
            item => (item!["SOPInstanceUID"]!.GetValue<string>(), item["FailureReason"]!.GetValue<int>())));
        Assert.Equal([study.Plain.SopUid!], Instances(failed, "Success"));
    }

    [ToolFact(Tools.Orthanc)]
    public async Task A_request_outlives_the_kill_of_the_process_that_took_it()
    {
        ClientStudy study = new("orthanc commitment kill");
        await using Server killed = await StartAsync("IMAGING__COMMITMENT__REPORTDELAY=3s");
        await UploadAsync(study.Files);
        JsonArray studies = (await Orthanc.GetFromJsonAsync<JsonArray>("studies"))!;
        await PostAsync($"modalities/{Modality}/store", studies.DeepClone());

        string transaction = await AskAsync(studies, []);
        await killed.KillAsync();
        await using Server next = await StartAsync();
        JsonObject result = await FinishedAsync(transaction);

        Assert.Equal("Success", result["Status"]!.GetValue<string>());
        Assert.Equal(study.Files.Select(file => file.SopUid!).Order(), Instances(result, "Success").Order());
    }

    /// <summary>Starts ours, and makes it known to Orthanc.</summary>
    private async Task<Server> StartAsync(params string[] environment)
    {
        string[] wrapper =
        [
            "env",
            "IMAGING__DIMSE__PORT=0",
            $"IMAGING__DIMSE__PEERS=ORTHANC@127.0.0.1:{_orthancPort}",
            "IMAGING__COMMITMENT__GRACE=1s",
            .. environment
        ];
        Server server = await Server.StartAsync(_folder.Sub("ours"), wrapper);
        Match match = await server.Output.WaitForAsync(Listening, TestTimeout);
        JsonObject modality = new()
        {
            ["AET"] = match.Groups["title"].Value,
            ["Host"] = "127.0.0.1",
            ["Port"] = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture),
        };
        using StringContent body = new(modality.ToJsonString());
        using HttpResponseMessage answer = await Orthanc.PutAsync($"modalities/{Modality}", body);
        answer.EnsureSuccessStatusCode();
        return server;
    }

    private async Task UploadAsync(IEnumerable<TestFile> files)
    {
        foreach (TestFile file in files)
        {
            using HttpResponseMessage answer = await Orthanc.PostAsync("instances", new ReadOnlyMemoryContent(file.Bytes));
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Asks us for storage commitment; returns the name of the transaction.</summary>
    private async Task<string> AskAsync(JsonArray? resources, (string Class, string Instance)[] instances)
    {
        JsonObject body = new()
        {
            ["Resources"] = resources?.DeepClone(),
            ["DicomInstances"] = new JsonArray([
                .. instances.Select(instance => new JsonObject { ["SOPClassUID"] = instance.Class, ["SOPInstanceUID"] = instance.Instance })
            ]),
        };
        return (await PostAsync($"modalities/{Modality}/storage-commitment", body))["ID"]!.GetValue<string>();
    }

    private async Task<JsonNode> PostAsync(string path, JsonNode? body)
    {
        using StringContent content = new(body!.ToJsonString());
        using HttpResponseMessage answer = await Orthanc.PostAsync(path, content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Waits until Orthanc has the result.</summary>
    private async Task<JsonObject> FinishedAsync(string transaction)
    {
        JsonObject? result = null;
        Assert.True(
            await BindingSource.WaitAsync(async () =>
            {
                result = await Orthanc.GetFromJsonAsync<JsonObject>($"storage-commitment/{transaction}");
                return result!["Status"]!.GetValue<string>() != "Pending";
            }),
            "Orthanc never had a result.");
        return result!;
    }

    private static string[] Instances(JsonObject result, string list)
        => [.. result[list]!.AsArray().Select(item => item!["SOPInstanceUID"]!.GetValue<string>())];
}
