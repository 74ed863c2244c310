using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Playwright;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>Pages of other origins in Chromium.</summary>
/// <remarks>A page that the settings allow works like a viewer; others neither read nor change anything.</remarks>
public sealed class BrowserTests : IAsyncLifetime
{
    private const string Foreign = "imaging.evil.example";

    private static readonly string[] Intrusions = ["search", "metadata", "feed", "blindSearch", "remove", "store", "blindStore"];

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        $"--host-resolver-rules=MAP {Foreign} 127.0.0.1",
    ];

    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;
    private IBrowserContext? _browser;
    private PageServer? _pages;

    public async Task InitializeAsync()
    {
        _pages = new PageServer(await ScriptAsync());
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchPersistentContextAsync(
            _folder.Sub("profile"),
            new BrowserTypeLaunchPersistentContextOptions { ExecutablePath = Tools.ChromiumPath, Headless = true, Args = Arguments });
    }

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        await (_pages?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [ToolFact(Tools.Chromium)]
    public async Task A_page_of_an_allowed_origin_stores_finds_and_reads_with_fetch_and_deletes_nothing()
    {
        await using Server server = await StartAsync("ALLOWEDORIGINS", "STORINGORIGINS");
        ClientStudy study = new("browser");

        JsonNode seen = await RunAsync("view", new Dictionary<string, object>
        {
            ["root"] = Root(server),
            ["files"] = study.Files.Select(file => Convert.ToBase64String(file.Bytes.Span)).ToArray(),
            ["study"] = study.Uid,
            ["instance"] = ClientStudy.PathOf(study.Multiframe),
            ["compressed"] = ClientStudy.PathOf(study.Compressed),
            ["patient"] = study.PatientId,
        });

        Assert.Equal(200, seen["stored"]!["status"]!.GetValue<int>());
        Assert.Equal(3, seen["stored"]!["answer"]!["00081199"]!["Value"]!.AsArray().Count);
        Assert.Equal(study.Uid, Assert.Single(seen["found"]!.AsArray())!["0020000D"]!["Value"]![0]!.GetValue<string>());
        Assert.Equal(1, seen["limited"]!["count"]!.GetValue<int>());
        Assert.StartsWith("299 ", seen["limited"]!["warning"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(3, seen["metadata"]!["items"]!.AsArray().Count);
        Assert.NotEmpty(seen["metadata"]!["etag"]!.GetValue<string>());
        Assert.Equal(304, seen["notModified"]!.GetValue<int>());
        AssertPixels(study, seen, Root(server));
        Assert.Equal(["404", "refused", "200"], new[] { "unknown", "deleted", "afterwards" }.Select(name => seen[name]!.ToString()));
    }

    [ToolFact(Tools.Chromium)]
    public async Task A_page_of_any_other_origin_neither_reads_nor_changes_anything()
    {
        await using Server server = await StartAsync();

        JsonNode seen = await IntrudeAsync(server);

        Assert.Equal(Enumerable.Repeat("refused", Intrusions.Length), Intrusions.Select(name => seen[name]!.ToString()));
    }

    [ToolFact(Tools.Chromium)]
    public async Task A_page_of_an_origin_that_may_read_changes_nothing()
    {
        await using Server server = await StartAsync("ALLOWEDORIGINS");

        JsonNode seen = await IntrudeAsync(server);

        Assert.Equal(
            ["200", "200", "200", "refused", "refused"],
            new[] { "search", "metadata", "feed", "store", "remove" }.Select(name => seen[name]!.ToString()));
    }

    /// <summary>After the page is loaded, its name is made to lead to this machine: the server then has the page's own origin.</summary>
    [ToolFact(Tools.Chromium)]
    public async Task A_page_whose_name_was_made_to_lead_here_gets_nothing()
    {
        await using Server server = await StartAsync();
        TestFile stored = await StoreAsync(server);
        IPage page = await _browser!.NewPageAsync();
        string url = $"http://{Foreign}:{server.Root.Port}/dicom-web/studies";

        IResponse? answer = await page.GotoAsync(url);
        JsonElement seen = await page.EvaluateAsync<JsonElement>(
            $"async study => {{ {await ScriptAsync()}\nreturn await rebound(study); }}", stored.StudyUid);

        Assert.Equal(400, answer!.Status);
        Assert.Equal([400, 400, 400], new[] { "search", "feed", "remove" }.Select(name => seen.GetProperty(name).GetInt32()));
        await ShouldHoldOnlyAsync(server, stored);
    }

    private async Task<JsonNode> IntrudeAsync(Server server)
    {
        TestFile stored = await StoreAsync(server);

        JsonNode seen = await RunAsync("intrude", new Dictionary<string, object>
        {
            ["root"] = Root(server),
            ["feed"] = new Uri(server.Root, "changefeed").ToString(),
            ["file"] = Convert.ToBase64String(new ClientStudy("smuggled").Plain.Bytes.Span),
            ["study"] = stored.StudyUid!,
        });

        await ShouldHoldOnlyAsync(server, stored);
        return seen;
    }

    private static async Task<TestFile> StoreAsync(Server server)
    {
        TestFile file = new ClientStudy("at home").Plain;
        Assert.True((await server.Client.StoreAsync(file.Bytes)).IsSuccess);
        return file;
    }

    private static async Task ShouldHoldOnlyAsync(Server server, TestFile file)
        => Assert.Equal(
            file.SopUid, Assert.Single(await server.Client.SearchAsync("instances"))!["00080018"]!["Value"]![0]!.GetValue<string>());

    private static string Root(Server server) => $"{server.Root}dicom-web";

    private static Task<string> ScriptAsync() => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "../../../js/viewer.js"));

    /// <param name="settings">The settings that name the origin of the pages.</param>
    private Task<Server> StartAsync(params string[] settings)
        => Server.StartAsync(
            _folder.Sub("data"), ["env", .. settings.Select(setting => $"IMAGING__HTTP__{setting}={_pages!.Url.TrimEnd('/')}")]);

    private async Task<JsonNode> RunAsync(string function, Dictionary<string, object> input)
    {
        IPage page = await _browser!.NewPageAsync();
        await page.GotoAsync(_pages!.Url);
        return JsonNode.Parse((await page.EvaluateAsync<JsonElement>($"input => {function}(input)", input)).GetRawText())!;
    }

    private static void AssertPixels(ClientStudy study, JsonNode seen, string root)
    {
        Assert.Equal(study.Multiframe.Frames!.Select(Convert.ToBase64String), Bodies(seen["frames"]!));
        Assert.Equal(study.Compressed.Frames!.Select(Convert.ToBase64String), Bodies(seen["compressed"]!));
        Assert.All(
            seen["frames"]!.AsArray(),
            part => Assert.Contains("Content-Location: " + root, part!["headers"]!.GetValue<string>(), StringComparison.Ordinal));

        Assert.Equal(Convert.ToBase64String(study.Multiframe.Frames![1]), seen["frame"]!["body"]!.GetValue<string>());
        Assert.NotEmpty(seen["frame"]!["etag"]!.GetValue<string>());
        Assert.Equal($"{root}{ClientStudy.PathOf(study.Multiframe)}/frames/2", seen["frame"]!["location"]!.GetValue<string>());

        Assert.Equal(206, seen["range"]!["status"]!.GetValue<int>());
        Assert.StartsWith("bytes 128-131/", seen["range"]!["range"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("DICM", seen["range"]!["body"]!.GetValue<string>());
        Assert.Equal(Convert.ToBase64String([.. study.Multiframe.Frames!.SelectMany(frame => frame)]), seen["bulk"]!.GetValue<string>());
    }

    private static IEnumerable<string> Bodies(JsonNode parts) => parts.AsArray().Select(part => part!["body"]!.GetValue<string>());
}

/// <summary>Serves one page from an origin of its own: another port of the loopback interface.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly Task _work;

    public PageServer(string script)
    {
        string page =
            $"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Viewer</title><script>{script}</script></head><body></body></html>";
        byte[] body = Encoding.UTF8.GetBytes(page);
        _answer = [.. Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
            + $"{body.Length}\r\nConnection: close\r\n\r\n"), .. body];
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
        _work = ServeAsync();
    }

    public string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over, nobody asks for the page any more.
        }
    }

    /// <summary>A browser also opens connections that it never uses; those end without an answer.</summary>
    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            byte[] request = new byte[8192];
            int length = 0;
            while (length < request.Length && !request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                int count = await stream.ReadAsync(request.AsMemory(length), _stop.Token);
                if (count == 0)
                {
                    return;
                }

                length += count;
            }

            await stream.WriteAsync(_answer, _stop.Token);
        }
        catch (IOException)
        {
            // The browser closed the connection; it asks again on another one if it wants the page.
        }
    }
}
