using System.Globalization;
using System.Net;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Tests.Cluster;

/// <summary>A peer on a silo's port that follows a script: it reports its clock like a silo, and treats calls as the test says.</summary>
internal sealed class ScriptedSilo : IAsyncDisposable
{
    public const string Key = "a-key-of-the-tests-with-thirty-two-or-more-characters";

    private readonly WebApplication _app;
    private readonly Func<ScriptedSilo, HttpContext, Task> _onCall;
    private readonly CallSeal _seal;
    private int _calls;

    private ScriptedSilo(WebApplication app, string id, string key, Func<ScriptedSilo, HttpContext, Task> onCall)
    {
        _app = app;
        _onCall = onCall;
        _seal = new CallSeal(key);
        Id = id;
    }

    public string Id { get; }

    public SiloEntry Entry => new(Id, _app.Urls.First());

    /// <summary>Calls that arrived, clocks not counted.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The clock that it reports.</summary>
    public long Clock { get; init; } = 1_000_000;

    public static async Task<ScriptedSilo> StartAsync(string id, Func<ScriptedSilo, HttpContext, Task> onCall, string key = Key)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        WebApplication app = builder.Build();
        ScriptedSilo silo = new(app, id, key, onCall);
        app.Run(silo.HandleAsync);
        await app.StartAsync();
        return silo;
    }

    public Task SealedAsync(HttpContext context, GrainAnswer answer, Action<HttpContext>? change = null)
        => WriteAsync(context, GrainAnswerCodec.Encode(answer), change);

    /// <summary>Writes a sealed answer; a change after the sealing simulates tampering.</summary>
    public async Task WriteAsync(
        HttpContext context, ReadOnlyMemory<byte> body, Action<HttpContext>? change = null, ReadOnlyMemory<byte>? sent = null)
    {
        string nonce = context.Request.Headers[CallHead.NonceHeader].ToString();
        context.Response.Headers[CallHead.ClockHeader] = Clock.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[CallHead.SealHeader] = _seal.OfAnswer(nonce, Clock, CallSeal.HashOf(body.Span));
        change?.Invoke(context);
        await context.Response.Body.WriteAsync(sent ?? body);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == CallHead.ClockPath)
        {
            return SealedAsync(context, new GrainAnswer(GrainAnswerKind.Clock));
        }

        Interlocked.Increment(ref _calls);
        return _onCall(this, context);
    }
}
