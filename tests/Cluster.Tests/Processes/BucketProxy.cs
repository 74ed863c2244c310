using System.Collections.Concurrent;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>
/// Stands before an S3 server and hands on what comes. While it is told to, it cuts connections, loses answers, refuses, and says that all
/// is well when nothing was done.
/// </summary>
internal sealed class BucketProxy : IAsyncDisposable
{
    private const string NothingsTag = "\"d41d8cd98f00b204e9800998ecf8427e\"";

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromMinutes(1)
    };
    private readonly ConcurrentDictionary<string, int> _faults = [];
    private readonly RgwServer _bucket;
    private readonly Random _random = new(1);
    private LoopbackServer? _server;

    private BucketProxy(RgwServer bucket) => _bucket = bucket;

    /// <summary>Does not hand on everything now.</summary>
    public bool IsFaulty { get; set; }

    /// <summary>How often it did what else.</summary>
    public IReadOnlyDictionary<string, int> Faults => _faults;

    /// <summary>Where processes reach the bucket through it.</summary>
    public string Root => _server!.Root;

    public static async Task<BucketProxy> StartAsync(RgwServer bucket)
    {
        BucketProxy proxy = new(bucket);
        proxy._server = await LoopbackServer.StartAsync(proxy.AnswerAsync, CancellationToken.None);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        switch (IsFaulty ? Roll() : int.MaxValue)
        {
            case 0:
                Note("cut");
                context.Abort();
                break;
            case 1:
                Note("answer lost");
                await ForwardAsync(context, isHeard: false);
                break;
            case 2:
                Note("refused");
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>");
                break;
            case 3 or 4 when Writes(context.Request):
                Note("lie");
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Response.Headers.ETag = NothingsTag;
                break;
            default:
                await ForwardAsync(context, isHeard: true);
                break;
        }
    }

    private async Task ForwardAsync(HttpContext context, bool isHeard)
    {
        string target = _bucket.Endpoint.GetLeftPart(UriPartial.Authority)
            + context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), new Uri(target, AsItIs))
        {
            Content = new StreamContent(context.Request.Body)
        };
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers.Where(
            header => header.Key is not ("Expect" or "Connection" or "Transfer-Encoding")))
        {
            // The signature covers the name of the host by which the client knows the proxy.
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Content.Headers.ContentLength = context.Request.ContentLength ?? 0;
        try
        {
            using HttpResponseMessage answer =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            if (!isHeard)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)answer.StatusCode;
            foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers).Where(
                header => header.Key is not ("Connection" or "Transfer-Encoding")))
            {
                context.Response.Headers[name] = values.ToArray();
            }

            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    /// <summary>Of two requests one is handed on.</summary>
    private int Roll()
    {
        lock (_random)
        {
            return _random.Next(10);
        }
    }

    private void Note(string fault) => _faults.AddOrUpdate(fault, 1, (_, count) => count + 1);

    /// <summary>Puts an object or a part, or joins the parts of one.</summary>
    private static bool Writes(HttpRequest request)
        => request.Method == "PUT" || (request.Method == "POST" && request.Query.ContainsKey("uploadId"));
}
