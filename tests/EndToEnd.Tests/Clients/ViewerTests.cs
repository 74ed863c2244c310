using System.Globalization;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Playwright;
using Xunit.Abstractions;
using Files = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>OHIF's own study list and viewer over all our files: it lists each study and shows pixels, and nothing fails.</summary>
public sealed class ViewerTests(RunningServer server, ITestOutputHelper output) : IClassFixture<RunningServer>
{
    private const int PartsOfARequest = 20;
    private const float Deadline = 120_000;

    /// <summary>A CT image and 300 frames of the corpus.</summary>
    private static readonly string[] CorpusStudies =
    [
        "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322",
        "2.25.96885074884001478835453853529799933249"
    ];

    private static readonly string[] Arguments =
        [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync"
        ];

    private readonly List<string> _faults = [];

    private static TestInstance Ct { get; } = new("viewer ct")
    {
        SopClassUid = "1.2.840.10008.5.1.4.1.1.2", Modality = "CT", PatientId = "VIEWER-CT", Rows = 64, Columns = 64, BitsAllocated = 16,
        PixelData = Gradient(64 * 64 * 2),
        Change = data => data
            .Text(0x0020_0032, "DS", "0\\0\\0")
            .Text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
            .Text(0x0028_0030, "DS", "1\\1")
            .Text(0x0018_0050, "DS", "1"),
    };

    private static TestInstance Multiframe { get; } = new("viewer multiframe")
    {
        SopClassUid = "1.2.840.10008.5.1.4.1.1.7.2", Modality = "OT", PatientId = "VIEWER-MF", Rows = 64, Columns = 64,
        NumberOfFrames = 10, PixelData = Gradient(10 * 64 * 64),
    };

    private static TestInstance WithoutModality { get; } = new(
        "viewer no modality") { PatientId = "VIEWER-NONE", Change = data => data.Remove(0x0008_0060) };

    [ToolFact(Tools.Chromium, Tools.Viewer)]
    public async Task OHIF_lists_every_study_and_shows_images_and_frames()
    {
        string[] stored = await StoreEverythingAsync();
        using TemporaryFolder folder = new();
        await using ViewerServer viewer = await ViewerServer.StartAsync(new Uri(server.Url("")));
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowserContext browser = await playwright.Chromium.LaunchPersistentContextAsync(
            folder.Sub("profile"), new BrowserTypeLaunchPersistentContextOptions
            {
                ExecutablePath = Tools.ChromiumPath,
                Headless = true,
                Args = Arguments,
                ViewportSize = new ViewportSize { Width = 1400, Height = 900 }
            });
        IPage page = await browser.NewPageAsync();
        Watch(page);

        await AssertListedAsync(page, viewer, stored);
        foreach (string study in CorpusStudies.Where(stored.Contains).Prepend(Multiframe.StudyUid).Prepend(Ct.StudyUid))
        {
            await AssertShownAsync(page, viewer, study);
        }

        Assert.Empty(_faults);
    }

    /// <summary>Rows show no UID, but the viewer's framework keeps it as their key.</summary>
    private static async Task AssertListedAsync(IPage page, ViewerServer viewer, string[] stored)
    {
        const string Rows = "[...document.querySelectorAll('tbody tr[aria-selected]')]";
        await page.GotoAsync(string.Create(CultureInfo.InvariantCulture, $"{viewer.Root}/?resultsPerPage={stored.Length}"));
        await page.WaitForFunctionAsync($"count => {Rows}.length >= count", stored.Length, new() { Timeout = Deadline });
        string[] listed = await page.EvaluateAsync<string[]>(
            Rows + """
            .map(row => {
              let node = row[Object.keys(row).find(name => name.startsWith('__reactFiber$'))];
              while (node && !node.key) node = node.return;
              return node ? node.key : '';
            })
            """);
        Assert.Equal(stored.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    /// <summary>Checks for pixels: a canvas of the viewport has more than one colour.</summary>
    private async Task AssertShownAsync(IPage page, ViewerServer viewer, string study)
    {
        List<string> frames = [];
        void Note(object? sender, IResponse response)
        {
            if (response.Status == 200
                && response.Url.Contains("/frames/", StringComparison.Ordinal)
                && response.Url.Contains(study, StringComparison.Ordinal))
            {
                frames.Add(response.Url);
            }
        }

        page.Response += Note;
        await page.GotoAsync($"{viewer.Root}/viewer?StudyInstanceUIDs={study}");
        await page.WaitForFunctionAsync(
            """
            () => [...document.querySelectorAll('canvas.cornerstone-canvas')].some(canvas => {
              const pixels = canvas.width * canvas.height > 0 ? new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer) : [];
              return new Set(pixels).size > 8;
            })
            """,
            null,
            new() { Timeout = Deadline });
        page.Response -= Note;
        Assert.NotEmpty(frames);
    }

    private void Watch(IPage page)
    {
        page.PageError += (_, error) => Note($"page: {error}");
        page.RequestFailed += (_, request) => Note($"request: {request.Url} {request.Failure}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                Note($"answer: {response.Status} {response.Url}");
            }
        };
        page.Console += (_, message) => output.WriteLine($"{message.Type}: {message.Text}");

        void Note(string fault)
        {
            output.WriteLine(fault);
            _faults.Add(fault);
        }
    }

    /// <summary>Stores our files and the corpus, if there is one; returns the studies that the server then finds.</summary>
    private async Task<string[]> StoreEverythingAsync()
    {
        IEnumerable<ReadOnlyMemory<byte>> files = (Files.IsAvailable ? Files.Files() : TestFiles.All).Where(
            file => file.Expectation == Expectation.Store).Select(file => file.Bytes);
        foreach (ReadOnlyMemory<byte>[] part in files.Concat([Ct.ToPart10(), Multiframe.ToPart10(), WithoutModality.ToPart10()]).Chunk(
            PartsOfARequest))
        {
            Assert.True((await server.Client.StoreAllAsync(part)).IsSuccess);
        }

        JsonArray studies = await server.Client.SearchAsync("studies?limit=10000");
        return [.. studies.Select(study => study!["0020000D"]!["Value"]![0]!.GetValue<string>())];
    }

    private static byte[] Gradient(int count)
        => [.. Enumerable.Range(0, count).Select(index => (byte)(index % 2 == 0 ? index / 7 : index % 4))];
}

/// <summary>The OHIF viewer as a hospital serves it: its files and the DICOMweb server behind one origin.</summary>
internal sealed class ViewerServer : IAsyncDisposable
{
    private const string Config = """
        window.config = {
          routerBasename: '/', extensions: [], modes: [], showStudyList: true, useCPURendering: true, showCPUFallbackMessage: false, maxNumberOfWebWorkers: 1,
          investigationalUseDialog: { option: 'never' }, defaultDataSourceName: 'tested',
          dataSources: [{
            namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'tested',
            configuration: {
              friendlyName: 'Tested', name: 'tested', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web', wadoUriRoot: '/dicom-web', qidoSupportsIncludeField: true,
              imageRendering: 'wadors', thumbnailRendering: 'wadors', enableStudyLazyLoad: true, supportsFuzzyMatching: true, supportsWildcard: true,
              bulkDataURI: { enabled: true }, queryLimit: 1000,
            },
          }],
        };
        """;

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly HttpForwarder _forwarder = new();
    private readonly string _folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../obj/ohif/dist"));
    private readonly Uri _server;
    private LoopbackServer? _origin;

    private ViewerServer(Uri server) => _server = server;

    /// <summary>Without a slash at its end.</summary>
    public string Root => _origin!.Root;

    public static async Task<ViewerServer> StartAsync(Uri server)
    {
        ViewerServer viewer = new(server);
        viewer._origin = await LoopbackServer.StartAsync(viewer.AnswerAsync, CancellationToken.None);
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        await _origin!.DisposeAsync();
        _forwarder.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return path.StartsWith("/dicom-web", StringComparison.Ordinal)
            ? _forwarder.ForwardAsync(context, _server)
            : SendFileAsync(context, path);
    }

    /// <summary>A path that is no file is a page of the viewer.</summary>
    private async Task SendFileAsync(HttpContext context, string path)
    {
        if (path == "/app-config.js")
        {
            context.Response.ContentType = "text/javascript";
            await context.Response.WriteAsync(Config);
            return;
        }

        string file = Path.GetFullPath(Path.Combine(_folder, path.TrimStart('/')));
        file = file.StartsWith(_folder + "/", StringComparison.Ordinal) && File.Exists(file) ? file : Path.Combine(_folder, "index.html");
        context.Response.ContentType = ContentTypes.TryGetContentType(file, out string? type) ? type : "application/octet-stream";
        await context.Response.SendFileAsync(file);
    }
}
