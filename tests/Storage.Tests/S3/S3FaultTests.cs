using System.Security.Cryptography;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>Servers that fail for a moment, lose answers, stall and break off.</summary>
public sealed class S3FaultTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("a/b.dcm");
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(1_000_000);

    private ScriptedS3? _server;

    private ScriptedS3 Server => _server!;

    public async Task InitializeAsync() => _server = await ScriptedS3.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    [InlineData(429, "TooManyRequests")]
    public async Task A_fault_that_passes_costs_a_retry_with_the_whole_body(int status, string code)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PUT", ScriptedS3.Error(status, code), ScriptedS3.Error(status, code));

        await WriteAsync(store);

        Assert.Equal(Content, Server.Bytes);
    }

    [Fact]
    public async Task A_fault_that_stays_is_told_after_a_bounded_number_of_retries()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 1 });
        Server.Fail("PUT", [.. Enumerable.Repeat(ScriptedS3.Error(503, "SlowDown"), 3)]);
        Server.Fail("HEAD", ScriptedS3.Error(404, ""));

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store));

        Assert.Equal(ObjectStoreFault.Unavailable, error.Fault);
        await WriteAsync(store);
        Assert.Equal(Content, Server.Bytes);
    }

    [Theory]
    [InlineData("QuotaExceeded", 403, ObjectStoreFault.Full)]
    [InlineData("AccessDenied", 403, ObjectStoreFault.ReadOnly)]
    public async Task What_the_server_refuses_is_told_as_what_it_is(string code, int status, ObjectStoreFault fault)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PUT", ScriptedS3.Error(status, code));

        Assert.Equal(fault, (await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store))).Fault);
    }

    [Fact]
    public async Task Only_a_key_that_the_bucket_does_not_list_is_missing()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail(
            "HEAD",
            ScriptedS3.Error(403, ""),
            ScriptedS3.Error(500, ""),
            ScriptedS3.Error(404, ""),
            ScriptedS3.Error(404, ""),
            ScriptedS3.Error(404, ""));
        Server.Fail("LIST", ScriptedS3.Error(404, "NoSuchBucket"), ScriptedS3.Error(403, "AccessDenied"));

        ObjectStoreFault[] faults = [await FaultAsync(), await FaultAsync(), await FaultAsync(), await FaultAsync()];

        Assert.Equal(
            [ObjectStoreFault.ReadOnly, ObjectStoreFault.Unavailable, ObjectStoreFault.Unavailable, ObjectStoreFault.ReadOnly], faults);
        Assert.Null(await store.FindAsync(Key, CancellationToken.None));

        async Task<ObjectStoreFault> FaultAsync()
            => (await Assert.ThrowsAsync<ObjectStoreException>(() => store.FindAsync(Key, CancellationToken.None))).Fault;
    }

    [Fact]
    public async Task An_object_whose_answer_was_lost_is_known_by_its_mark()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PUT", Server.LoseAnswer(), ScriptedS3.Error(412, "PreconditionFailed"));

        await WriteAsync(store);

        Assert.Equal(Content, Server.Bytes);
    }

    [Fact]
    public async Task An_object_of_somebody_else_under_the_key_is_no_success()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Bytes = Content;
        Server.Mark = "another upload";
        Server.Fail("PUT", ScriptedS3.Error(412, "PreconditionFailed"));

        await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store));
    }

    [Fact]
    public async Task A_server_that_hangs_ends_in_a_time_out()
    {
        using S3ObjectStore store =
            await S3Bench.OpenAsync(Server.Options with { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(300) });
        Server.Fail("PUT", ScriptedTarget.HangAsync);
        Server.Fail("HEAD", ScriptedS3.Error(404, ""));

        Assert.Equal(ObjectStoreFault.Unavailable, (await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store))).Fault);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_gone_on_with_from_where_it_stopped()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Bytes = Content;
        Server.Fail("GET", Server.CutAfter(300_000), Server.CutAfter(300_000));

        await using Stream stream = await store.OpenReadAsync(Key, 100, 900_000, CancellationToken.None);
        using MemoryStream read = new();
        await stream.CopyToAsync(read);

        Assert.Equal(Content[100..900_100], read.ToArray());
        Assert.Equal(3, Server.Ranges.Count);
    }

    [Fact]
    public async Task A_body_that_breaks_off_without_getting_on_is_given_up()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Bytes = Content;

        // A client of .NET repeats a request by itself if the connection breaks before the head of an answer.
        Server.Fail("GET", [.. Enumerable.Repeat(Server.CutAfter(0), 1000)]);

        await Assert.ThrowsAsync<ObjectStoreException>(async () =>
        {
            await using Stream stream = await store.OpenReadAsync(Key, 0, 1_000, CancellationToken.None);
            await stream.CopyToAsync(Stream.Null);
        });
    }

    [Fact]
    public async Task A_body_that_stalls_is_asked_for_again()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { RequestTimeout = TimeSpan.FromMilliseconds(500) });
        Server.Bytes = Content;
        Server.Fail("GET", async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(Content.AsMemory(0, 400));
            await context.Response.Body.FlushAsync();
            await ScriptedTarget.HangAsync(context);
        });

        await using Stream stream = await store.OpenReadAsync(Key, 0, 1_000, CancellationToken.None);
        using MemoryStream read = new();
        await stream.CopyToAsync(read);

        Assert.Equal(Content[..1000], read.ToArray());
    }

    [Fact]
    public async Task A_request_that_is_late_is_sent_again()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { RequestTimeout = TimeSpan.FromSeconds(2) });
        Server.Fail("PUT", ScriptedTarget.HangAsync);

        await WriteAsync(store);

        Assert.Equal(Content, Server.Bytes);
    }

    [Fact]
    public async Task A_range_answered_with_the_whole_object_is_not_taken_for_the_range()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail(
            "GET",
            [.. Enumerable.Repeat<Func<HttpContext, Task>>(context => context.Response.Body.WriteAsync(Content.AsMemory()).AsTask(), 20)]);

        await Assert.ThrowsAsync<ObjectStoreException>(() => store.OpenReadAsync(Key, 10, 100, CancellationToken.None));
    }

    [Fact]
    public async Task A_reader_that_stops_early_closes_the_connection()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Server.Fail("GET", async context =>
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.ContentLength = 1L << 40;
            try
            {
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(Content, context.RequestAborted);
                }
            }
            finally
            {
                closed.SetResult();
            }
        });

        await using (Stream stream = await store.OpenReadAsync(Key, 0, long.MaxValue, CancellationToken.None))
        {
            await stream.ReadExactlyAsync(new byte[1_000]);
        }

        await closed.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static async Task WriteAsync(S3ObjectStore store)
    {
        await using IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = Key;
        await upload.WriteAsync(Content, CancellationToken.None);
        await upload.CompleteAsync(CancellationToken.None);
    }
}
