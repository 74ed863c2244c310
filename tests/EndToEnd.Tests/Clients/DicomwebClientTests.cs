using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>npm's dicomweb-client, the library below OHIF, in Node.</summary>
/// <remarks>
/// It asks for instances without a transfer syntax, so that compressed ones need an explicit Accept header. It names RLE frames by their
/// retired media type.
/// </remarks>
[Collection(RunningServer.Collection)]
public sealed class DicomwebClientTests(RunningServer server)
{
    private static readonly string ScriptFolder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../js"));

    [ToolFact(Tools.Node, Tools.NodeModules)]
    public async Task Dicomweb_client_stores_finds_and_retrieves_everything()
    {
        ClientStudy study = new("dicomweb-client");
        TestFile rle = TestFiles.Get("encapsulated/rle.dcm");

        JsonNode result = await RunAsync(study, rle);

        Assert.Equal(4, result["stored"]!.GetValue<int>());
        Assert.False(result["failed"]!.GetValue<bool>());
        AssertFound(study, result);
        AssertRetrieved(study, result);
        AssertFrames(study, rle, result);
        Assert.Equal([Convert.ToHexStringLower(study.Plain.Frames![0])], Texts(result["bulkData"]!));
        Assert.Equal([Convert.ToHexStringLower(study.Plain.Frames![0])], Texts(result["bulkDataSinglePart"]!));
        Assert.Equal(404, result["unknown"]!.GetValue<int>());
    }

    private static void AssertFound(ClientStudy study, JsonNode result)
    {
        JsonNode found = Assert.Single(result["studies"]!.AsArray())!;
        Assert.Equal(study.Uid, found["0020000D"]!["Value"]![0]!.GetValue<string>());
        Assert.Equal("Client^Study", found["00100010"]!["Value"]![0]!["Alphabetic"]!.GetValue<string>());
        Assert.Empty(result["noStudies"]!.AsArray());
        Assert.Equal(2, result["series"]!.AsArray().Count);
        Assert.Equal(study.Plain.SopUid, Assert.Single(result["instances"]!.AsArray())!["00080018"]!["Value"]![0]!.GetValue<string>());
    }

    private static void AssertRetrieved(ClientStudy study, JsonNode result)
    {
        Assert.Equal(3, result["metadata"]!.GetValue<int>());
        Assert.Equal(2, result["seriesMetadata"]!.GetValue<int>());
        Assert.Equal(study.Plain.SopUid, result["instanceMetadata"]!.GetValue<string>());
        Assert.True(result["sameInstance"]!.GetValue<bool>());
        Assert.Equal(2, result["sameSeries"]!.GetValue<int>());
        Assert.True(result["sameCompressed"]!.GetValue<bool>());
        Assert.Equal(3, result["sameStudy"]!.GetValue<int>());
    }

    private static void AssertFrames(ClientStudy study, TestFile rle, JsonNode result)
    {
        string[] native = [.. study.Multiframe.Frames!.Select(Convert.ToHexStringLower)];
        string[] jpeg = [.. study.Compressed.Frames!.Select(Convert.ToHexStringLower)];
        Assert.Equal(native, Texts(result["nativeFrames"]!));
        Assert.Equal([native[2], native[0]], Texts(result["nativeFramesOfAnySyntax"]!));
        Assert.Equal(jpeg, Texts(result["jpegFrames"]!));
        Assert.Equal([jpeg[1]], Texts(result["jpegFramesAsOctets"]!));
        Assert.Equal([jpeg[0]], Texts(result["jpegFramesOfEitherKind"]!));
        Assert.Equal(rle.Frames!.Select(Convert.ToHexStringLower), Texts(result["rleFrames"]!));
    }

    private async Task<JsonNode> RunAsync(ClientStudy study, TestFile rle)
    {
        using TemporaryFolder folder = new();
        JsonObject input = new()
        {
            ["root"] = server.Root,
            ["study"] = study.Uid,
            ["plain"] = Describe(study.Plain),
            ["multiframe"] = Describe(study.Multiframe),
            ["compressed"] = Describe(study.Compressed),
            ["rle"] = Describe(rle),
        };
        await File.WriteAllTextAsync(folder.Sub("input.json"), input.ToJsonString());

        (int code, string output, string error) = await ExternalProcess.RunAsync(
            "node", [Path.Combine(ScriptFolder, "client.cjs"), folder.Sub("input.json")], "", TimeSpan.FromMinutes(1));

        Assert.True(code == 0, error);
        return JsonNode.Parse(output)!;

        JsonObject Describe(TestFile file) => new()
        {
            ["path"] = ClientStudy.Write(folder.Path, file),
            ["study"] = file.StudyUid,
            ["series"] = file.SeriesUid,
            ["sop"] = file.SopUid,
            ["syntax"] = file.TransferSyntaxUid,
        };
    }

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(item => item!.GetValue<string>());
}
