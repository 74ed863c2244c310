using System.Collections.Concurrent;
using System.Threading.Channels;
using CloudNative.CloudEvents;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Tests;

/// <summary>The target of a webhook binding.</summary>
/// <remarks>
/// It answers with the status that a test sets, and counts how often each event came. A request that is no valid event gets 500.
/// </remarks>
internal sealed class EventReceiver : IAsyncDisposable
{
    private readonly Channel<string> _types = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, int> _received = new(StringComparer.Ordinal);
    private LoopbackServer? _server;
    private volatile int _status = StatusCodes.Status202Accepted;

    private EventReceiver()
    {
    }

    public Uri Endpoint => new($"{_server!.Root}/events");

    /// <summary>How often each event came, by its id; events that were answered with an error count, too.</summary>
    public IReadOnlyDictionary<string, int> Received => _received;

    public int Status
    {
        get => _status;
        set => _status = value;
    }

    public static async Task<EventReceiver> StartAsync()
    {
        EventReceiver receiver = new();
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync, CancellationToken.None);
        return receiver;
    }

    /// <summary>Returns the type of the next event.</summary>
    public async Task<string> NextAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        return await _types.Reader.ReadAsync(deadline.Token);
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Method == HttpMethods.Post)
        {
            CloudEvent received = await CloudEventReader.ReadAsync(context.Request);
            _received.AddOrUpdate(received.Id!, 1, (_, count) => count + 1);
            _types.Writer.TryWrite(received.Type!);
        }

        context.Response.StatusCode = Status;
    }
}
