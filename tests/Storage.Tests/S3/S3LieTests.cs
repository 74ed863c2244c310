using System.Security.Cryptography;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>A server, or a proxy before it, that reports success when nothing was done, or confirms something else.</summary>
public sealed class S3LieTests : IAsyncLifetime
{
    private const string OtherTag = "\"d41d8cd98f00b204e9800998ecf8427e\"";

    private static readonly ObjectKey Key = new("a/b.dcm");

    private ScriptedS3? _server;

    private ScriptedS3 Server => _server!;

    public async Task InitializeAsync() => _server = await ScriptedS3.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData(OtherTag)]
    public async Task An_object_that_was_not_put_is_no_success_whatever_is_answered(string? tag)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail("PUT", ScriptedS3.Lie(tag: tag));
        Server.Fail("HEAD", ScriptedS3.Error(404, ""));

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, 1000));

        Assert.Equal(ObjectStoreFault.Unavailable, error.Fault);
    }

    /// <summary>Servers that encrypt with keys of their own answer like this.</summary>
    [Fact]
    public async Task An_object_that_was_put_under_another_tag_is_a_success_once_it_was_looked_at()
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options);
        Server.Fail("PUT", Server.WithTag(OtherTag));

        byte[] content = await WriteAsync(store, 1000);

        Assert.Equal(content, Server.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>welcome</html>")]
    [InlineData("<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>a/b.dcm</Key></CompleteMultipartUploadResult>")]
    [InlineData(
        "<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>a/b.dcm</Key><ETag>\"1-2\"</ETag></CompleteMultipartUploadResult>")]
    public async Task An_object_whose_parts_were_not_joined_is_no_success_whatever_is_answered(string answer)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail("COMPLETE", [.. Enumerable.Repeat(ScriptedS3.Lie(answer), 5)]);
        Server.Fail("HEAD", ScriptedS3.Error(404, ""));

        await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, PartSizes.First + 1000));
    }

    [Theory]
    [InlineData("BEGIN")]
    [InlineData("PART")]
    public async Task A_step_of_an_upload_that_was_not_done_is_no_success(string operation)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail(operation, ScriptedS3.Lie());

        await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, PartSizes.First + 1000));
    }

    /// <summary>An object that is not found would be taken for lost.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("<html>welcome</html>")]
    public async Task An_answer_that_is_no_listing_tells_nothing_of_an_object(string answer)
    {
        using S3ObjectStore store = await S3Bench.OpenAsync(Server.Options with { Retries = 0 });
        Server.Fail("HEAD", ScriptedS3.Error(404, ""));
        Server.Fail("LIST", ScriptedS3.Lie(answer));

        await Assert.ThrowsAsync<ObjectStoreException>(() => store.FindAsync(Key, CancellationToken.None));
    }

    private static async Task<byte[]> WriteAsync(S3ObjectStore store, int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        await using IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = Key;
        await upload.WriteAsync(content, CancellationToken.None);
        await upload.CompleteAsync(CancellationToken.None);
        return content;
    }
}
