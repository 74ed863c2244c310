using System.Security.Cryptography;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>Uploads in parts to a server that fails on the way, or at the end.</summary>
public sealed class S3PartFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(1);
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(PartSizes.First + 100_000);

    private ScriptedS3? _server;

    private ScriptedS3 Server => _server!;

    public async Task InitializeAsync() => _server = await ScriptedS3.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Fact]
    public async Task A_part_that_fails_in_passing_is_sent_again_whole()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PART", ScriptedS3.Error(503, "SlowDown"), Server.LoseAnswer());

        await WriteAsync(store, CancellationToken.None);

        Assert.Equal(Content, Server.Bytes);
    }

    [Fact]
    public async Task A_completion_answered_200_with_an_error_in_it_is_no_success()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 1 });
        Server.Fail("COMPLETE", [.. Enumerable.Repeat(ScriptedS3.Error(200, "InternalError"), 5)]);

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, CancellationToken.None));

        Assert.Equal(ObjectStoreFault.Unavailable, error.Fault);
        await Server.Aborted.Task.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_completion_whose_answer_was_lost_is_known_by_its_mark()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("COMPLETE", Server.LoseAnswer(), ScriptedS3.Error(404, "NoSuchUpload"));

        await WriteAsync(store, CancellationToken.None);

        Assert.Equal(Content, Server.Bytes);
        Assert.False(Server.Aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task A_completion_whose_answer_never_ends_is_asked_for_again()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { RequestTimeout = TimeSpan.FromSeconds(4) });
        Server.Fail("COMPLETE", ScriptedS3.HangAfterHeadAsync);

        await WriteAsync(store, CancellationToken.None);

        Assert.Equal(Content, Server.Bytes);
    }

    [Fact]
    public async Task An_upload_whose_sender_gives_up_is_aborted()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        using CancellationTokenSource stop = new();
        Server.Fail("PART", async context =>
        {
            await stop.CancelAsync();
            await ScriptedTarget.HangAsync(context);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteAsync(store, stop.Token));

        await Server.Aborted.Task.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_part_without_room_in_the_bucket_is_told_as_such()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PART", ScriptedS3.Error(StatusCodes.Status403Forbidden, "QuotaExceeded"));

        Assert.Equal(
            ObjectStoreFault.Full, (await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, CancellationToken.None))).Fault);
    }

    private static async Task WriteAsync(S3ObjectStore store, CancellationToken cancellationToken)
    {
        await using IObjectUpload upload = await store.BeginInstanceAsync(cancellationToken);
        upload.Key = new ObjectKey("a/b.dcm");
        await upload.WriteAsync(Content, cancellationToken);
        await upload.CompleteAsync(cancellationToken);
    }
}
