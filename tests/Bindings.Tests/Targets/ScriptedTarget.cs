using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Tests.Targets;

/// <summary>A server on a free loopback port that follows a script over real connections.</summary>
internal sealed class ScriptedTarget : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<TaskCompletionSource, HttpContext> Hanging = new();

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests;

    private ScriptedTarget(WebApplication app, ConcurrentQueue<string> requests)
    {
        _app = app;
        _requests = requests;
        Root = new Uri(app.Urls.First().Replace(
            "127.0.0.1",
            app.Urls.First().StartsWith("https", StringComparison.Ordinal) ? "localhost" : "127.0.0.1",
            StringComparison.Ordinal));
    }

    /// <summary>Ends with a slash.</summary>
    public Uri Root { get; }

    public Uri Studies => new(Root, "studies");

    /// <summary>Method, path and Authorization header of the requests, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <param name="script">Answers the requests.</param>
    /// <param name="certificate">The https certificate, requested for each connection; null serves http.</param>
    /// <param name="onClient">Gets the client certificate of a connection, which is then required.</param>
    /// <param name="port">0 chooses a free one.</param>
    public static async Task<ScriptedTarget> StartAsync(
        Func<HttpContext, Task> script,
        Func<X509Certificate2>? certificate = null,
        Func<X509Certificate2, bool>? onClient = null,
        int port = 0)
    {
        ConcurrentQueue<string> requests = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => Configure(listen, certificate, onClient));
        });
        WebApplication app = builder.Build();
        app.Run(context =>
        {
            requests.Enqueue(($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} "
                + $"{context.Request.Headers.Authorization}").TrimEnd());
            return script(context);
        });
        await app.StartAsync();
        return new ScriptedTarget(app, requests);
    }

    /// <summary>Reads the body of every request and answers with one status.</summary>
    public static Func<HttpContext, Task> Status(int status, string? body = null) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        if (body is not null)
        {
            await context.Response.WriteAsync(body);
        }
    };

    /// <summary>Waits until the client has gone.</summary>
    /// <remarks>Kestrel holds an idle connection only by weak references: without a read, the next garbage collection resets it.</remarks>
    public static async Task HangAsync(HttpContext context)
    {
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Hanging.TryAdd(gone, context);
        await using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
        Hanging.TryRemove(gone, out _);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static void Configure(ListenOptions listen, Func<X509Certificate2>? certificate, Func<X509Certificate2, bool>? onClient)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (certificate is null)
        {
            return;
        }

        listen.UseHttps(https =>
        {
            https.ServerCertificateSelector = (_, _) => certificate();
            if (onClient is not null)
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (client, _, _) => onClient(client);
            }
        });
    }
}
