using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Clients;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>A STOW-RS binding into Debian's Orthanc with its DICOMweb plugin.</summary>
public sealed class StowToOrthancTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [ToolFact(Tools.Orthanc)]
    public async Task A_study_and_every_kind_of_file_that_Orthanc_takes_arrive_identical()
    {
        await using OrthancServer orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(orthanc));
        ReadOnlyMemory<byte>[] files =
        [
            .. new ClientStudy("orthanc binding").Files.Select(file => file.Bytes),
            .. OrthancClientTests.MoreFiles.Select(name => TestFiles.Get(name).Bytes),
            .. BindingSource.Study("orthanc", 100).Files()
        ];

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(files);

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        await AssertHeldAsync(orthanc, source, paths);
    }

    [ToolFact(Tools.Orthanc)]
    public async Task A_replaced_instance_replaces_that_of_Orthanc()
    {
        await using OrthancServer orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(orthanc));

        await source.StoreFilesAsync(BindingSource.Study("orthanc replaced", 10).Files());
        await source.WaitUntilDeliveredAsync();
        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("orthanc replaced", 10, fill: 9).Files());

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        await AssertHeldAsync(orthanc, source, paths);
    }

    public void Dispose() => _folder.Dispose();

    private static Uri Studies(OrthancServer orthanc)
        => new UriBuilder(new Uri(orthanc.Client.BaseAddress!, "dicom-web/studies")) { Host = "localhost" }.Uri;

    /// <summary>Checks that Orthanc holds the same data set for each of these instances.</summary>
    internal static async Task AssertHeldAsync(OrthancServer orthanc, Server source, IReadOnlyList<StoredPath> paths)
    {
        Dictionary<string, string> held = [];
        foreach (JsonNode? instance in (await orthanc.Client.GetFromJsonAsync<JsonArray>("instances?expand"))!)
        {
            held[instance!["MainDicomTags"]!["SOPInstanceUID"]!.GetValue<string>()] = instance["ID"]!.GetValue<string>();
        }

        foreach (StoredPath path in paths.Distinct())
        {
            Assert.True(held.TryGetValue(path.Sop, out string? id), $"Orthanc does not hold {path}.");
            byte[] received = await orthanc.Client.GetByteArrayAsync($"instances/{id}/file");
            byte[] sent = await source.Client.RetrieveAsync(path);
            Assert.True(Part10Split.DataSet(sent).SequenceEqual(Part10Split.DataSet(received)), $"{path} differs.");
        }
    }
}
