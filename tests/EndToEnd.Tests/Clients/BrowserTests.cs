using System.Text.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.Tests;
using Microsoft.Playwright;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>A page of another origin in Chromium: its fetch sends preflights and shows the page only the headers that we expose.</summary>
public sealed class BrowserTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    [ToolFact(Tools.Chromium)]
    public async Task A_page_of_another_origin_stores_finds_reads_and_deletes_with_fetch()
    {
        ClientStudy study = new("browser");

        JsonNode seen = await ViewAsync(study);

        Assert.Equal(200, seen["stored"]!["status"]!.GetValue<int>());
        Assert.Equal(3, seen["stored"]!["answer"]!["00081199"]!["Value"]!.AsArray().Count);
        Assert.Equal(study.Uid, Assert.Single(seen["found"]!.AsArray())!["0020000D"]!["Value"]![0]!.GetValue<string>());
        Assert.Equal(1, seen["limited"]!["count"]!.GetValue<int>());
        Assert.StartsWith("299 ", seen["limited"]!["warning"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(3, seen["metadata"]!["items"]!.AsArray().Count);
        Assert.NotEmpty(seen["metadata"]!["etag"]!.GetValue<string>());
        Assert.Equal(304, seen["notModified"]!.GetValue<int>());
        AssertPixels(study, seen);
        Assert.Equal([404, 204, 404], new[] { "unknown", "deleted", "afterwards" }.Select(name => seen[name]!.GetValue<int>()));
    }

    private void AssertPixels(ClientStudy study, JsonNode seen)
    {
        Assert.Equal(study.Multiframe.Frames!.Select(Convert.ToBase64String), Bodies(seen["frames"]!));
        Assert.Equal(study.Compressed.Frames!.Select(Convert.ToBase64String), Bodies(seen["compressed"]!));
        Assert.All(seen["frames"]!.AsArray(), part => Assert.Contains("Content-Location: " + server.Root, part!["headers"]!.GetValue<string>(), StringComparison.Ordinal));

        Assert.Equal(Convert.ToBase64String(study.Multiframe.Frames![1]), seen["frame"]!["body"]!.GetValue<string>());
        Assert.NotEmpty(seen["frame"]!["etag"]!.GetValue<string>());
        Assert.Equal($"{server.Root}{ClientStudy.PathOf(study.Multiframe)}/frames/2", seen["frame"]!["location"]!.GetValue<string>());

        Assert.Equal(206, seen["range"]!["status"]!.GetValue<int>());
        Assert.StartsWith("bytes 128-131/", seen["range"]!["range"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("DICM", seen["range"]!["body"]!.GetValue<string>());
        Assert.Equal(Convert.ToBase64String([.. study.Multiframe.Frames!.SelectMany(frame => frame)]), seen["bulk"]!.GetValue<string>());
    }

    private async Task<JsonNode> ViewAsync(ClientStudy study)
    {
        using TemporaryFolder folder = new();
        await using PageServer pages = new(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "../../../js/viewer.js")));
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowserContext browser = await playwright.Chromium.LaunchPersistentContextAsync(
            folder.Sub("profile"), new BrowserTypeLaunchPersistentContextOptions { ExecutablePath = Tools.ChromiumPath, Headless = true, Args = Arguments });
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync(pages.Url);

        JsonElement seen = await page.EvaluateAsync<JsonElement>("input => view(input)", new Dictionary<string, object>
        {
            ["root"] = server.Root,
            ["files"] = study.Files.Select(file => Convert.ToBase64String(file.Bytes.Span)).ToArray(),
            ["study"] = study.Uid,
            ["instance"] = ClientStudy.PathOf(study.Multiframe),
            ["compressed"] = ClientStudy.PathOf(study.Compressed),
            ["patient"] = study.PatientId,
        });
        return JsonNode.Parse(seen.GetRawText())!;
    }

    private static IEnumerable<string> Bodies(JsonNode parts) => parts.AsArray().Select(part => part!["body"]!.GetValue<string>());
}
