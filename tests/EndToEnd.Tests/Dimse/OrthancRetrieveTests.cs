using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Clients;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>Debian's Orthanc as a workstation that lets us move studies to itself.</summary>
public sealed class OrthancRetrieveTests : IDisposable
{
    private const string Modality = "ours";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Orthanc)]
    public async Task Orthanc_moves_a_study_from_us_to_itself()
    {
        ClientStudy study = new("orthanc move");
        await using OrthancServer orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"));
        await using Server ours =
            await Server.StartAsync(_folder.Sub("ours"), ["env", $"IMAGING__DIMSE__PEERS=ORTHANC@127.0.0.1:{orthanc.DicomPort}"]);
        StowReply stored = await ours.Client.StoreAllAsync(study.Files.Select(file => file.Bytes));
        using StringContent modality = new(
            new JsonObject { ["AET"] = "DICOM-INGEST", ["Host"] = "127.0.0.1", ["Port"] = ours.DimsePort }.ToJsonString());
        using HttpResponseMessage known = await orthanc.Client.PutAsync($"modalities/{Modality}", modality);
        known.EnsureSuccessStatusCode();

        JsonObject move = new()
        {
            ["Level"] = "Study",
            ["Resources"] = new JsonArray(new JsonObject { ["StudyInstanceUID"] = study.Plain.StudyUid }),
            ["TargetAet"] = "ORTHANC",
        };
        using StringContent body = new(move.ToJsonString());
        using HttpResponseMessage answer = await orthanc.Client.PostAsync($"modalities/{Modality}/move", body);

        Assert.True(
            answer.StatusCode == HttpStatusCode.OK,
            $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}{Environment.NewLine}{ours.Output}");
        await StowToOrthancTests.AssertHeldAsync(orthanc, ours, [.. stored.Stored]);
    }
}
