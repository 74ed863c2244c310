using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The peers themselves work, so that a failure of a test with them is a failure of the product.</summary>
public sealed class PeerFixtureTests
{
    [ToolFact(Tools.Orthanc)]
    public async Task Orthanc_starts_with_its_DICOMweb_plugin_and_takes_a_test_file()
    {
        using TemporaryFolder folder = new();
        await using OrthancServer orthanc = await OrthancServer.StartAsync(folder.Sub("orthanc"), new Uri("http://127.0.0.1:1/dicom-web/"));

        using HttpResponseMessage stored =
            await orthanc.Client.PostAsync("instances", new ReadOnlyMemoryContent(TestFiles.Get("native/explicit_le.dcm").Bytes));
        JsonArray? servers = await orthanc.Client.GetFromJsonAsync<JsonArray>("dicom-web/servers");

        Assert.True(stored.IsSuccessStatusCode);
        Assert.Equal([OrthancServer.ServerName], servers!.Select(server => server!.GetValue<string>()));
    }
}
