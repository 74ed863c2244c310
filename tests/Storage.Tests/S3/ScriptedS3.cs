using System.Globalization;
using ImagingIngestion.Bindings.Tests;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Storage.Tests;

/// <summary>An S3 server that keeps one object and has the faults that a test gives it; each is used up by one request of its method.</summary>
internal sealed class ScriptedS3 : IAsyncDisposable
{
    private readonly Dictionary<string, Queue<Func<HttpContext, Task>>> _faults = new(StringComparer.Ordinal);
    private ScriptedTarget? _target;

    /// <summary>What was put last.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>The mark that came with it.</summary>
    public string Mark { get; set; } = "";

    /// <summary>Ranges of the retrievals, in order.</summary>
    public List<string> Ranges { get; } = [];

    public BucketOptions Options => new()
    {
        Endpoint = _target!.Root,
        Name = "bucket",
        AccessKeyId = "key",
        SecretAccessKey = "secret",
        Retries = 3,
        RequestTimeout = TimeSpan.FromSeconds(60),
    };

    public static async Task<ScriptedS3> StartAsync()
    {
        ScriptedS3 server = new();
        server._target = await ScriptedTarget.StartAsync(server.AnswerAsync);
        return server;
    }

    /// <summary>The next requests of the method are answered by these instead.</summary>
    public void Fail(string method, params Func<HttpContext, Task>[] faults)
    {
        _faults.TryAdd(method, new Queue<Func<HttpContext, Task>>());
        foreach (Func<HttpContext, Task> fault in faults)
        {
            _faults[method].Enqueue(fault);
        }
    }

    public static Func<HttpContext, Task> Error(int status, string code) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
    };

    /// <summary>Does what is asked, and loses the answer.</summary>
    public Func<HttpContext, Task> LoseAnswer() => async context =>
    {
        await PutAsync(context);
        context.Abort();
    };

    /// <summary>Sends the beginning of the object and cuts the connection.</summary>
    public Func<HttpContext, Task> CutAfter(int bytes) => async context =>
    {
        (int from, int to) = Begin(context);
        context.Response.ContentLength = to - from;
        await context.Response.Body.WriteAsync(Bytes.AsMemory(from, Math.Min(bytes, to - from)));
        await context.Response.Body.FlushAsync();
        context.Abort();
    };

    public ValueTask DisposeAsync() => _target!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Query.ContainsKey("list-type"))
        {
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync("<?xml version=\"1.0\"?><ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
        }
        else if (_faults.TryGetValue(request.Method, out Queue<Func<HttpContext, Task>>? faults) && faults.TryDequeue(out Func<HttpContext, Task>? fault))
        {
            await fault(context);
        }
        else
        {
            await (request.Method switch { "PUT" => PutAsync(context), "HEAD" => HeadAsync(context), _ => GetAsync(context) });
        }
    }

    private async Task PutAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        Bytes = body.ToArray();
        Mark = context.Request.Headers["x-amz-meta-upload"].ToString();
        context.Response.Headers.ETag = "\"1\"";
    }

    private Task HeadAsync(HttpContext context)
    {
        context.Response.ContentLength = Bytes.Length;
        context.Response.Headers["x-amz-meta-upload"] = Mark;
        context.Response.Headers.ETag = "\"1\"";
        context.Response.Headers.LastModified = "Sat, 21 Nov 2026 10:00:00 GMT";
        return Task.CompletedTask;
    }

    private async Task GetAsync(HttpContext context)
    {
        (int from, int to) = Begin(context);
        context.Response.ContentLength = to - from;
        await context.Response.Body.WriteAsync(Bytes.AsMemory(from, to - from));
    }

    private (int From, int To) Begin(HttpContext context)
    {
        string range = context.Request.Headers.Range.ToString();
        Ranges.Add(range);
        string[] bounds = range["bytes=".Length..].Split('-');
        int from = int.Parse(bounds[0], CultureInfo.InvariantCulture);
        int to = (int)Math.Min(Bytes.Length, long.Parse(bounds[1], CultureInfo.InvariantCulture) + 1);
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.Headers.ContentRange = $"bytes {from}-{to - 1}/{Bytes.Length}";
        return (from, to);
    }
}
