using System.Net.Sockets;
using System.Text;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests.Http;

/// <summary>A listener with one place: a slow peer gives way to the next one, and a peer that waits for this side does not.</summary>
public sealed class ConnectionPlacesTests : IAsyncLifetime
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(1);

    private readonly AheadTime _time = new();
    private readonly TaskCompletionSource _begun = NewSignal();
    private readonly TaskCompletionSource _goOn = NewSignal();
    private readonly TaskCompletionSource _ended = NewSignal();
    private readonly WebApplication _app;
    private readonly HttpClient _next = new();

    public ConnectionPlacesTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(
            kestrel => (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null));
        SocketTransportFactory sockets = new(
            Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        builder.Services.AddSingleton<IConnectionListenerFactory>(
            new BoundedListenerFactory(sockets, () => 1, new PlaceRules(Window, 4 << 10), _time));
        builder.Services.AddSingleton<IStartupFilter, BusyConnectionFilter>();
        _app = builder.Build();
        _app.MapGet("/", () => "hello");
        _app.MapGet("/endless", context => ServeAsync(() => WriteEndlesslyAsync(context)));
        _app.MapPost("/upload", context => ServeAsync(() => ReadAsync(context.Request)));
        _app.MapPost("/work", async context =>
        {
            await ReadAsync(context.Request);
            await _goOn.Task;
            await context.Response.WriteAsync("done");
        });
    }

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _next.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _next.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_sender_that_trickles_gives_way()
    {
        using TcpClient slow = await SendAsync("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n1");
        await _begun.Task.WaitAsync(TestTimeout);

        Task<string> answer = _next.GetStringAsync("/");
        await PassAsync(
            Window + TimeSpan.FromSeconds(1), () => answer.IsCompleted, each: () => slow.GetStream().WriteAsync("2"u8.ToArray()));

        Assert.Equal("hello", await answer);
        await _ended.Task.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_reader_that_does_not_take_its_answer_gives_way_and_is_not_judged_by_the_time_before_its_request()
    {
        using TcpClient slow = await SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.NotEqual(0, await slow.GetStream().ReadAsync(new byte[1000]));
        _time.Pass(TimeSpan.FromHours(1));
        await slow.GetStream().WriteAsync("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        await _begun.Task.WaitAsync(TestTimeout);

        Task<string> answer = _next.GetStringAsync("/");
        int ticks = 0;
        await PassAsync(TimeSpan.Zero, () => ++ticks > 20);
        Assert.False(_ended.Task.IsCompleted);
        await PassAsync(Window + TimeSpan.FromSeconds(1), () => answer.IsCompleted);

        Assert.Equal("hello", await answer);
        await _ended.Task.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_slow_sender_whose_request_has_come_does_not_give_way_while_this_side_works_for_it()
    {
        using TcpClient working = await SendAsync("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1");
        await _begun.Task.WaitAsync(TestTimeout);
        int ticks = 0;
        await PassAsync(Window, () => ++ticks > 4);
        await working.GetStream().WriteAsync("2"u8.ToArray());
        await _ended.Task.WaitAsync(TestTimeout);

        Task<string> answer = _next.GetStringAsync("/");
        ticks = 0;
        await PassAsync(Window, () => ++ticks > 20);
        Assert.False(answer.IsCompleted);
        _goOn.SetResult();

        byte[] reply = new byte[1000];
        int length = await working.GetStream().ReadAsync(reply).AsTask().WaitAsync(TestTimeout);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(reply, 0, length), StringComparison.Ordinal);
        Assert.Equal("hello", await answer.WaitAsync(TestTimeout));
    }

    [Fact]
    public async Task A_slow_sender_keeps_its_place_while_nobody_waits()
    {
        using TcpClient slow = await SendAsync("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n1");
        await _begun.Task.WaitAsync(TestTimeout);
        int ticks = 0;
        await PassAsync(Window, () => ++ticks > 10);
        await slow.GetStream().WriteAsync("23"u8.ToArray());

        byte[] reply = new byte[1000];
        int length = await slow.GetStream().ReadAsync(reply).AsTask().WaitAsync(TestTimeout);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(reply, 0, length), StringComparison.Ordinal);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<TcpClient> SendAsync(string request)
    {
        TcpClient client = new();
        await client.ConnectAsync(_next.BaseAddress!.Host, _next.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return client;
    }

    private async Task ServeAsync(Func<Task> serve)
    {
        try
        {
            await serve();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Signals the first byte, and the end of the body.</summary>
    private async Task ReadAsync(HttpRequest request)
    {
        byte[] buffer = new byte[1000];
        while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) > 0)
        {
            _begun.TrySetResult();
        }

        _ended.TrySetResult();
    }

    private async Task WriteEndlesslyAsync(HttpContext context)
    {
        _begun.TrySetResult();
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(new byte[64 << 10], context.RequestAborted);
        }
    }

    /// <summary>Advances the clock in steps, between which the listener looks again.</summary>
    private async Task PassAsync(TimeSpan step, Func<bool> isEnough, Func<ValueTask>? each = null)
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(50));
        while (!isEnough())
        {
            _time.Pass(step);
            try
            {
                await (each?.Invoke() ?? ValueTask.CompletedTask);
            }
            catch (IOException)
            {
                // The server aborted the connection, as expected.
            }

            await tick.WaitForNextTickAsync(deadline.Token);
        }
    }
}
