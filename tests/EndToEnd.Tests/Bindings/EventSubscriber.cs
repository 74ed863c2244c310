using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>Takes CloudEvents in binary mode over HTTP.</summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    private readonly Channel<ReceivedEvent> _received = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly ConcurrentQueue<int> _refusals = new();
    private LoopbackServer? _server;

    private EventSubscriber()
    {
    }

    public Uri Endpoint => new($"{_server!.Root}/events");

    public static async Task<EventSubscriber> StartAsync(CancellationToken cancellationToken)
    {
        EventSubscriber subscriber = new();
        subscriber._server = await LoopbackServer.StartAsync(subscriber.TakeAsync, cancellationToken);
        return subscriber;
    }

    /// <summary>The next requests are answered with these statuses.</summary>
    public void Refuse(params int[] statuses)
    {
        foreach (int status in statuses)
        {
            _refusals.Enqueue(status);
        }
    }

    /// <summary>The next requests as they came, refused ones too.</summary>
    public async Task<IReadOnlyList<ReceivedEvent>> TakeAsync(int count, TimeSpan patience)
    {
        using CancellationTokenSource deadline = new(patience);
        List<ReceivedEvent> events = [];
        while (events.Count < count)
        {
            events.Add(await _received.Reader.ReadAsync(deadline.Token));
        }

        return events;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        JsonNode data = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        context.Response.StatusCode = _refusals.TryDequeue(out int status) ? status : StatusCodes.Status202Accepted;
        await _received.Writer.WriteAsync(new ReceivedEvent(headers["ce-id"].ToString(), headers["ce-type"].ToString(), headers["ce-subject"].ToString(), data), context.RequestAborted);
    }
}
