using System.Collections.Concurrent;
using System.Globalization;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>A WADO-RS endpoint that serves instances of a given length.</summary>
internal sealed class InstanceServer : IAsyncDisposable, IStorageSpaces
{
    private readonly ConcurrentDictionary<string, long> _lengths = new();
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _scripts = new();
    private ScriptedTarget? _server;

    /// <summary>The answer to a search.</summary>
    public int SearchStatus { get; set; } = 200;

    public HttpClient Client { get; private init; } = new();

    /// <summary>Requests that did not ask for the stored bytes.</summary>
    public ConcurrentQueue<string> WrongAccepts { get; } = new();

    public IReadOnlyList<string> Requests => _server!.Requests;

    /// <param name="options">The timeouts of the source; null waits forever.</param>
    public static async Task<InstanceServer> StartAsync(HttpTargetOptions? options = null)
    {
        InstanceServer server = options is null
            ? new()
            : new() { Client = TargetHttp.CreateClient(options, TimeProvider.System, NullLogger.Instance) };
        server._server = await ScriptedTarget.StartAsync(server.AnswerAsync);
        return server;
    }

    /// <summary>The endpoints of the storage spaces are not configured.</summary>
    public bool IsUnknown { get; set; }

    public StorageSpace Find(ProviderName provider)
        => IsUnknown ? StorageSpace.Unknown : new("bucket", $"{_server!.Root}wado-rs", "http://outside/wado-rs");

    /// <summary>Serves an instance of this many bytes.</summary>
    public void Add(string sop, long length) => _lengths[sop] = length;

    /// <summary>Answers for an instance with a script.</summary>
    public void Script(string sop, Func<HttpContext, Task> script) => _scripts[sop] = script;

    /// <summary>Sends an instance up to this byte, then breaks the connection.</summary>
    public void Break(string sop, long length, long at) => Script(sop, async context =>
    {
        context.Response.ContentType = "application/dicom";
        context.Response.ContentLength = length;
        await InstanceBytes.WriteAsync(context.Response.Body, sop, at);
        await context.Response.Body.FlushAsync();
        context.Abort();
    });

    public ValueTask StopAsync() => _server!.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        if (path.EndsWith("/studies", StringComparison.Ordinal))
        {
            context.Response.StatusCode = SearchStatus;
            return;
        }

        if (context.Request.Headers.Accept != "application/dicom; transfer-syntax=*")
        {
            WrongAccepts.Enqueue(context.Request.Headers.Accept.ToString());
        }

        string sop = path[(path.LastIndexOf('/') + 1)..];
        if (_scripts.TryGetValue(sop, out Func<HttpContext, Task>? script))
        {
            await script(context);
        }
        else if (_lengths.TryGetValue(sop, out long length))
        {
            context.Response.ContentType = string.Create(
                CultureInfo.InvariantCulture, $"application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
            context.Response.ContentLength = length;
            await InstanceBytes.WriteAsync(context.Response.Body, sop, length);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }
}
