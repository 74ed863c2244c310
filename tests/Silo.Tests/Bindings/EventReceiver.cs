using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Silo.Tests;

/// <summary>An HTTP server that takes events, and answers with the status that a test sets.</summary>
internal sealed class EventReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();
    private volatile int _status = StatusCodes.Status204NoContent;

    private EventReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/events";

    /// <summary>Identities of all events so far, each as often as it came.</summary>
    public ConcurrentQueue<string> Ids { get; } = new();

    public int Status
    {
        get => _status;
        set => _status = value;
    }

    public static async Task<EventReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        EventReceiver receiver = new(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>The type of the next event that comes.</summary>
    public async Task<string> NextAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        return await _received.Reader.ReadAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = Status;
        if (context.Request.Method == HttpMethods.Post)
        {
            Ids.Enqueue(context.Request.Headers["ce-id"].ToString());
            _received.Writer.TryWrite(context.Request.Headers["ce-type"].ToString());
        }
    }
}
