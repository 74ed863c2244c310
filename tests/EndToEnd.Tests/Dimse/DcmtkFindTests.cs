using System.Globalization;
using System.Text.Json.Nodes;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>DCMTK's findscu as a viewer, and Orthanc as one that queries before it retrieves.</summary>
public sealed class DcmtkFindTests(DcmtkFindTests.TwoStudies server) : IClassFixture<DcmtkFindTests.TwoStudies>, IDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private static readonly TestInstance Stowed = new(
        "find stow") { PatientName = "Find^Stow", PatientId = "FIND-1", StudyDate = "20200101", Modality = "CT", PixelData = new byte[16] };
    private static readonly TestInstance Sent = new("find store")
    {
        PatientName = "Find^Store",
        PatientId = "FIND-2",
        StudyDate = "20210101",
        Modality = "MR",
        PixelData = new byte[16]
    };

    private readonly TemporaryFolder _folder = new();
    private int _queries;

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Dcmtk)]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task What_came_by_STOW_and_by_C_STORE_is_found_by_findscu_and_by_QIDO()
    {
        IReadOnlyList<DicomDataset> found =
            await FindAsync("-S", "QueryRetrieveLevel=STUDY", "PatientName=FIND*", "PatientID", "StudyInstanceUID", "ModalitiesInStudy");
        JsonArray searched = await server.Client.SearchAsync("studies?PatientName=FIND*");

        Assert.Equal([Sent.StudyUid, Stowed.StudyUid], Values(found, DicomTag.StudyInstanceUID));
        Assert.Equal(["MR", "CT"], Values(found, DicomTag.ModalitiesInStudy));
        Assert.Equal(
            Values(found, DicomTag.StudyInstanceUID), searched.Select(study => study!["0020000D"]!["Value"]![0]!.GetValue<string>()));
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task Both_models_answer_at_every_level()
    {
        string[] study = ["StudyInstanceUID=" + Stowed.StudyUid];
        string[] series = [.. study, "SeriesInstanceUID=" + Stowed.SeriesUid];
        const string Patient = "PatientID=FIND-1";

        Assert.Equal(["FIND-1"], Values(await FindAsync("-P", "QueryRetrieveLevel=PATIENT", Patient, "PatientName"), DicomTag.PatientID));
        Assert.Equal(
            [Stowed.StudyUid],
            Values(await FindAsync("-P", "QueryRetrieveLevel=STUDY", Patient, "StudyInstanceUID"), DicomTag.StudyInstanceUID));
        Assert.Equal([Stowed.SeriesUid], Values(
            await FindAsync("-P", ["QueryRetrieveLevel=SERIES", Patient, .. study, "SeriesInstanceUID"]), DicomTag.SeriesInstanceUID));
        Assert.Equal(
            [Stowed.SopUid],
            Values(await FindAsync("-P", ["QueryRetrieveLevel=IMAGE", Patient, .. series, "SOPInstanceUID"]), DicomTag.SOPInstanceUID));
        Assert.Equal([Stowed.StudyUid], Values(
            await FindAsync("-S", "QueryRetrieveLevel=STUDY", "StudyDate=20191231-20200601", "StudyInstanceUID"),
            DicomTag.StudyInstanceUID));
        Assert.Equal(
            [Stowed.SeriesUid],
            Values(await FindAsync("-S", ["QueryRetrieveLevel=SERIES", .. study, "SeriesInstanceUID"]), DicomTag.SeriesInstanceUID));
        Assert.Equal(
            [Stowed.SopUid],
            Values(await FindAsync("-S", ["QueryRetrieveLevel=IMAGE", .. series, "SOPInstanceUID"]), DicomTag.SOPInstanceUID));
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_query_that_does_not_fit_its_level_is_refused()
    {
        (_, string said) = await RunAsync(_folder.Sub("refused"), "-S", "-v", "-k", "QueryRetrieveLevel=SERIES", "-k", "StudyInstanceUID=");

        Assert.Contains("DataSetDoesNotMatchSOPClass", said, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task A_cancel_in_the_middle_leaves_the_server_whole()
    {
        (int exitCode, string said) = await RunAsync(
            _folder.Sub("cancelled"), "-S", "-v", "--cancel", "1", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID");

        Assert.True(exitCode == 0, said);
        Assert.Equal(2, (await FindAsync("-S", "QueryRetrieveLevel=STUDY", "StudyInstanceUID")).Count);
    }

    [ToolFact(Tools.Orthanc)]
    public async Task Orthanc_finds_our_studies_as_its_modality()
    {
        await using OrthancServer orthanc = await OrthancServer.StartAsync(
            _folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"), ("DicomAet", "ORTHANC"), ("DicomModalities", new JsonObject
            {
                ["ours"] = new JsonArray("DICOM-INGEST", "127.0.0.1", server.DimsePort),
            }));

        JsonNode query = await PostAsync(orthanc, "modalities/ours/query", new JsonObject
        {
            ["Level"] = "Study",
            ["Query"] = new JsonObject { ["PatientName"] = "Find^*", ["StudyDate"] = "20200101-20201231", ["ModalitiesInStudy"] = "CT" },
        });
        JsonNode answers =
            JsonNode.Parse(await orthanc.Client.GetStringAsync($"queries/{query["ID"]!.GetValue<string>()}/answers?expand&simplify"))!;

        JsonNode answer = Assert.Single(answers.AsArray())!;
        Assert.Equal(Stowed.StudyUid, answer["StudyInstanceUID"]!.GetValue<string>());
        Assert.Equal("Find^Stow", answer["PatientName"]!.GetValue<string>());
    }

    private static async Task<JsonNode> PostAsync(OrthancServer orthanc, string path, JsonNode body)
    {
        using StringContent content = new(body.ToJsonString());
        using HttpResponseMessage response = await orthanc.Client.PostAsync(path, content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static string[] Values(IReadOnlyList<DicomDataset> found, DicomTag tag)
        => [.. found.Select(match => match.GetString(tag) ?? "")];

    /// <summary>Queries, and reads the responses in their order.</summary>
    private async Task<IReadOnlyList<DicomDataset>> FindAsync(string model, params string[] keys)
    {
        string folder = _folder.Sub(string.Create(CultureInfo.InvariantCulture, $"responses-{++_queries}"));
        (int exitCode, string said) = await RunAsync(folder, [model, "-v", "-X", .. keys.SelectMany(key => new[] { "-k", key })]);
        Assert.True(exitCode == 0, said);
        return [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(
            file => DimseSender.Read(File.ReadAllBytes(file)).Parsed!.Dataset)];
    }

    private async Task<(int ExitCode, string Said)> RunAsync(string folder, params string[] options)
    {
        Directory.CreateDirectory(folder);
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            "findscu",
            [.. options, "-od", folder, "-aec", "DICOM-INGEST", "127.0.0.1", server.DimsePort.ToString(CultureInfo.InvariantCulture)],
            "",
            TestTimeout);
        return (exitCode, output + error);
    }

    /// <summary>A server that holds two studies and nothing else: one came by STOW-RS, one by C-STORE.</summary>
    public sealed class TwoStudies : IAsyncLifetime
    {
        private readonly RunningServer _server = new();

        internal HttpClient Client => _server.Client;

        internal int DimsePort => _server.DimsePort;

        public async Task InitializeAsync()
        {
            await _server.InitializeAsync();
            Assert.Equal(200, (await Client.StoreAsync(Stowed.ToPart10())).Status);
            await using DimseSender sender = await DimseSender.ConnectAsync(DimsePort, [(Sent.SopClassUid, Sent.TransferSyntaxUid)]);
            CStoreResponse response =
                await sender.StoreAsync(Sent.SopClassUid, Sent.SopUid, Sent.TransferSyntaxUid, Sent.ToDataSet());
            Assert.True(response.Status.IsSuccess);
        }

        public Task DisposeAsync() => _server.DisposeAsync();
    }
}
