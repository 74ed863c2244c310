using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>npm's dcmjs-dimse in Node as a sender, and as the target of a C-STORE binding.</summary>
public sealed class DcmjsDimseTests : IDisposable
{
    private static readonly string Script = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../js/dimse.cjs"));

    private readonly TemporaryFolder _folder = new();

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task It_echoes_stores_and_finds_in_us()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("server"));
        TestInstance[] study = BindingSource.Study("dcmjs scu", 5);

        JsonNode result = await AskAsync(server.DimsePort, study);

        Assert.Empty(result["errors"]!.AsArray());
        Assert.Equal(0, result["echo"]!.GetValue<int>());
        Assert.Equal([0, 0, 0, 0, 0], result["stores"]!.AsArray().Select(status => status!.GetValue<int>()));
        foreach (TestInstance instance in study)
        {
            Assert.Single(await server.Client.FindAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid)));
        }
    }

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task A_binding_stores_to_it()
    {
        int port = OrthancServer.FreePort();
        await using ToolServer target =
            await ToolServer.StartAsync(_folder.Sub("target"), port, "node", Script, "scp", port.ToString(CultureInfo.InvariantCulture));
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), port, "DCMJS");
        TestInstance[] study = BindingSource.Study("dcmjs scp", 20, fill: 3);

        await source.StoreFilesAsync(study.Files());

        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        Dictionary<string, string> received =
            target.Output.ToString().Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(line => line["sop"]!.GetValue<string>(), line => line["pixels"]!.GetValue<string>());
        Assert.All(
            study, instance => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(instance.PixelData!)), received[instance.SopUid]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<JsonNode> AskAsync(int port, TestInstance[] study)
    {
        JsonArray files = [];
        foreach ((int number, TestInstance instance) in study.Index())
        {
            string file = _folder.Sub($"{number}.dcm");
            await File.WriteAllBytesAsync(file, instance.ToPart10());
            files.Add(file);
        }

        JsonObject input =
            new() { ["port"] = port, ["called"] = "DICOM-INGEST", ["files"] = files, ["study"] = study[0].StudyUid, ["find"] = true };
        await File.WriteAllTextAsync(_folder.Sub("input.json"), input.ToJsonString());
        (int code, string output, string error) =
            await ExternalProcess.RunAsync("node", [Script, "scu", _folder.Sub("input.json")], "", TimeSpan.FromMinutes(1));
        Assert.True(code == 0, output + error);
        return JsonNode.Parse(output.Split('\n').Last(line => line.StartsWith('{')))!;
    }
}
