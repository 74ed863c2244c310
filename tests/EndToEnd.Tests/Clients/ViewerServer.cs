using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

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

    private readonly HttpClient _tested = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
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
        _tested.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return path.StartsWith("/dicom-web", StringComparison.Ordinal) ? ForwardAsync(context) : SendFileAsync(context, path);
    }

    /// <summary>What is no file is a page of the viewer.</summary>
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

    /// <summary>Keeps the name that the browser asked for, so that URLs in answers lead here again.</summary>
    private async Task ForwardAsync(HttpContext context)
    {
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), new Uri(_server, context.Request.Path.Value + context.Request.QueryString.Value));
        request.Headers.Host = context.Request.Host.Value;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Headers.Where(header => header.Key is "Accept" or "Range" or "If-None-Match"))
        {
            request.Headers.TryAddWithoutValidation(name, (string?)value);
        }

        using HttpResponseMessage answer = await _tested.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Transfer-Encoding"))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
