using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Tests.Targets;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>
/// Stands before a real target: passes store requests on, is down when a test says so, and tells when the target has stored.
/// </summary>
internal sealed class StowRelay : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly Uri _target;
    private ScriptedTarget? _server;
    private volatile bool _isDown;
    private int _refused;

    private StowRelay(Uri target) => _target = target;

    public Uri Studies => new UriBuilder(_server!.Studies) { Host = "localhost" }.Uri;

    /// <summary>Closes every connection without an answer.</summary>
    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    /// <summary>Requests that met a target that was down.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Called when the target has stored a request, before its answer goes on.</summary>
    public Func<Task> OnStored { get; set; } = () => Task.CompletedTask;

    /// <param name="target">The STOW-RS endpoint.</param>
    public static async Task<StowRelay> StartAsync(Uri target)
    {
        StowRelay relay = new(target);
        relay._server = await ScriptedTarget.StartAsync(relay.HandleAsync);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (_isDown)
        {
            Interlocked.Increment(ref _refused);
            context.Abort();
            return;
        }

        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), _target)
        {
            Content = new StreamContent(context.Request.Body)
        };
        request.Content.Headers.ContentType = context.Request.ContentType is { } type ? MediaTypeHeaderValue.Parse(type) : null;
        request.Headers.TryAddWithoutValidation("Accept", context.Request.Headers.Accept.ToString());
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        await OnStored();
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(body);
    }
}
