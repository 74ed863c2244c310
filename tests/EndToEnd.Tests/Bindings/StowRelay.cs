using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>
/// Stands before a real target: forwards store requests, is down if a test wants it, and reports when the target has stored.
/// </summary>
internal sealed class StowRelay : IAsyncDisposable
{
    private readonly HttpForwarder _forwarder = new();
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

    /// <summary>The number of requests that came while it was down.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Runs when the target has stored a request, before its answer is forwarded.</summary>
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
        _forwarder.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (_isDown)
        {
            Interlocked.Increment(ref _refused);
            context.Abort();
            return;
        }

        await _forwarder.ForwardToAsync(context, _target, async () =>
        {
            await OnStored();
            return true;
        });
    }
}
