using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Storage.S3;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>An S3 server that keeps one object and has the faults that a test gives it.</summary>
/// <remarks>
/// One request of its operation uses up each fault. The operations are PUT, GET, HEAD, LIST, and BEGIN, PART, COMPLETE, ABORT of an upload
/// in parts.
/// </remarks>
internal sealed class ScriptedS3 : IAsyncDisposable
{
    private readonly Dictionary<string, Queue<Func<HttpContext, Task>>> _faults = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, byte[]> _parts = new();
    private readonly ConcurrentDictionary<int, byte[]> _partHashes = new();
    private ScriptedTarget? _target;

    /// <summary>The content of the last PUT.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>The mark that came with it.</summary>
    public string Mark { get; set; } = "";

    /// <summary>Set when an upload in parts is aborted.</summary>
    public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The bytes of all parts that came.</summary>
    public long PartBytes { get; private set; }

    /// <summary>Counts the bytes of parts and forgets them.</summary>
    public bool ForgetsParts { get; set; }

    /// <summary>The ranges of the retrievals, in order.</summary>
    public List<string> Ranges { get; } = [];

    public BucketOptions Options => new()
    {
        Host = _target!.Root.GetLeftPart(UriPartial.Authority),
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

    /// <summary>Answers the next requests of the operation with these faults instead.</summary>
    public void Fail(string operation, params Func<HttpContext, Task>[] faults)
    {
        _faults.TryAdd(operation, new Queue<Func<HttpContext, Task>>());
        foreach (Func<HttpContext, Task> fault in faults)
        {
            _faults[operation].Enqueue(fault);
        }
    }

    public static Func<HttpContext, Task> Error(int status, string code) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
    };

    /// <summary>Carries out the request, and loses the answer.</summary>
    public Func<HttpContext, Task> LoseAnswer() => async context =>
    {
        await DoAsync(context);
        context.Abort();
    };

    /// <summary>Carries out the request, and confirms something else.</summary>
    public Func<HttpContext, Task> WithTag(string tag) => async context =>
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.ETag = tag;
            return Task.CompletedTask;
        });
        await DoAsync(context);
    };

    /// <summary>Does nothing, and reports success.</summary>
    public static Func<HttpContext, Task> Lie(string answer = "", string? tag = null) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        if (tag is not null)
        {
            context.Response.Headers.ETag = tag;
        }

        await context.Response.WriteAsync(answer);
    };

    /// <summary>Reports success, and sends nothing after it.</summary>
    public static async Task HangAfterHeadAsync(HttpContext context)
    {
        await context.Response.WriteAsync(" ");
        await context.Response.Body.FlushAsync();
        await ScriptedTarget.HangAsync(context);
    }

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

    private static string Operation(HttpRequest request)
    {
        IQueryCollection query = request.Query;
        return query.ContainsKey("list-type") ? "LIST"
            : query.ContainsKey("uploads") ? "BEGIN"
            : query.ContainsKey("partNumber") ? "PART"
            : !query.ContainsKey("uploadId") ? request.Method
            : request.Method == "POST" ? "COMPLETE" : "ABORT";
    }

    private static Task XmlAsync(HttpContext context, string xml)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<?xml version=\"1.0\"?>{xml}");
    }

    private Task AnswerAsync(HttpContext context)
        => _faults.TryGetValue(Operation(context.Request), out Queue<Func<HttpContext, Task>>? faults)
            && faults.TryDequeue(out Func<HttpContext, Task>? fault)
            ? fault(context)
            : DoAsync(context);

    private Task DoAsync(HttpContext context) => Operation(context.Request) switch
    {
        "LIST" =>
            XmlAsync(
                context,
                "<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"),
        "PUT" => PutAsync(context),
        "HEAD" => HeadAsync(context),
        "BEGIN" => BeginPartsAsync(context),
        "PART" => PartAsync(context),
        "COMPLETE" => CompleteAsync(context),
        "ABORT" => AbortAsync(context),
        _ => GetAsync(context),
    };

    private Task BeginPartsAsync(HttpContext context)
    {
        Mark = context.Request.Headers["x-amz-meta-upload"].ToString();
        return XmlAsync(
            context,
            "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>a/b.dcm</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    }

    private async Task PartAsync(HttpContext context)
    {
        int number = int.Parse(context.Request.Query["partNumber"]!, CultureInfo.InvariantCulture);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] block = new byte[ForgetsParts ? 65_536 : (int)context.Request.ContentLength!];
        for (int read; (read = await context.Request.Body.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false)) > 0;)
        {
            PartBytes += read;
            hash.AppendData(block, 0, read);
        }

        if (!ForgetsParts)
        {
            _parts[number] = block;
        }

        _partHashes[number] = hash.GetHashAndReset();
        context.Response.Headers.ETag = Tag(_partHashes[number]);
    }

    private async Task CompleteAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        byte[] hashes = [.. _partHashes.OrderBy(part => part.Key).SelectMany(part => part.Value)];
        Bytes = [.. _parts.OrderBy(part => part.Key).SelectMany(part => part.Value)];
        await XmlAsync(context, $"<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>a/b.dcm</Key><ETag>{Tag(
            MD5.HashData(hashes), _partHashes.Count)}</ETag></CompleteMultipartUploadResult>");
    }

    private static string Tag(byte[] hash, int? parts = null)
        => $"\"{Convert.ToHexStringLower(hash)}{(parts is null ? "" : $"-{parts}")}\"";

    private Task AbortAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        Aborted.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task PutAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        Bytes = body.ToArray();
        Mark = context.Request.Headers["x-amz-meta-upload"].ToString();
        context.Response.Headers.ETag = Tag(MD5.HashData(Bytes));
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
