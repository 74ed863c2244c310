using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Tests;

/// <summary>
/// The target of a webhook binding: answers with the status that a test sets, and remembers the ids of the events that came, and how often
/// each did.
/// </summary>
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

    /// <summary>Those that were answered with an error too.</summary>
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

    /// <summary>The type of the next event that comes.</summary>
    public async Task<string> NextAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        return await _types.Reader.ReadAsync(deadline.Token);
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = Status;
        if (context.Request.Method == HttpMethods.Post)
        {
            _received.AddOrUpdate(context.Request.Headers["ce-id"].ToString(), 1, (_, count) => count + 1);
            _types.Writer.TryWrite(context.Request.Headers["ce-type"].ToString());
        }
    }
}
