using System.Collections.Concurrent;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>Forwards requests to an S3 server.</summary>
/// <remarks>
/// While <see cref="IsFaulty"/> is set, it cuts connections, loses answers, refuses requests, and confirms writes that it has thrown away.
/// </remarks>
internal sealed class BucketProxy : IAsyncDisposable
{
    private const string NothingsTag = "\"d41d8cd98f00b204e9800998ecf8427e\"";

    private readonly HttpForwarder _forwarder = new();
    private readonly ConcurrentDictionary<string, int> _faults = [];
    private readonly RgwServer _bucket;
    private readonly Random _random = new(1);
    private LoopbackServer? _server;

    private BucketProxy(RgwServer bucket) => _bucket = bucket;

    /// <summary>The proxy makes faults now.</summary>
    public bool IsFaulty { get; set; }

    /// <summary>The number of faults of each kind.</summary>
    public IReadOnlyDictionary<string, int> Faults => _faults;

    /// <summary>The address of the bucket behind the proxy.</summary>
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
        _forwarder.Dispose();
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
                await _forwarder.ForwardAsync(context, _bucket.Endpoint, () => Task.FromResult(false));
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
                await _forwarder.ForwardAsync(context, _bucket.Endpoint);
                break;
        }
    }

    /// <summary>Returns a number below ten: the proxy forwards seven of ten reads and five of ten writes.</summary>
    private int Roll()
    {
        lock (_random)
        {
            return _random.Next(10);
        }
    }

    private void Note(string fault) => _faults.AddOrUpdate(fault, 1, (_, count) => count + 1);

    /// <summary>Returns whether the request puts an object or a part, or joins the parts of one.</summary>
    private static bool Writes(HttpRequest request)
        => request.Method == "PUT" || (request.Method == "POST" && request.Query.ContainsKey("uploadId"));
}
