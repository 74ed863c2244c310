using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Cluster.Tests;

/// <summary>The target of a webhook binding: remembers the ids of the events that it has taken, and how often each came.</summary>
internal sealed class EventSink : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _received = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private EventSink(WebApplication app) => _app = app;

    public Uri Endpoint => new($"{_app.Urls.First()}/events");

    public IReadOnlyDictionary<string, int> Received => _received;

    public static async Task<EventSink> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        EventSink sink = new(app);
        app.Run(sink.TakeAsync);
        await app.StartAsync();
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        _received.AddOrUpdate(context.Request.Headers["ce-id"].ToString(), 1, (_, count) => count + 1);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
