using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests;

/// <summary>What cannot work is named at the start, with the setting to change.</summary>
public sealed class S3StartTests
{
    [ToolFact(Tools.Rgw)]
    public async Task Over_TLS_the_server_is_trusted_by_the_authority_that_was_configured()
    {
        BucketOptions options = await OverTlsAsync();

        using S3ObjectStore store = await S3Bench.OpenAsync(options with { CaFile = (await RgwServer.SharedAsync()).CaFile });

        ObjectKey key = new("tls/object");
        await using (IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None))
        {
            upload.Key = key;
            await upload.WriteAsync(new byte[PartSizes.First + 1], CancellationToken.None);
            await upload.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(PartSizes.First + 1, (await store.FindAsync(key, CancellationToken.None))!.Length);
    }

    [ToolFact(Tools.Rgw)]
    public async Task Over_TLS_a_server_of_an_unknown_authority_is_refused()
        => await AssertRefusedAsync(await OverTlsAsync(), "IMAGING__BUCKET__CAFILE");

    [ToolFact(Tools.Rgw)]
    public async Task Authorities_that_cannot_be_read_are_named()
    {
        BucketOptions options = await OverTlsAsync();
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => S3Bench.OpenAsync(options with { CaFile = typeof(S3StartTests).Assembly.Location }));
        Assert.Contains("IMAGING__BUCKET__CAFILE", error.Message, StringComparison.Ordinal);
    }

    [ToolFact(Tools.Rgw)]
    public async Task A_bucket_that_is_not_there_is_named()
        => await AssertRefusedAsync((await S3Bench.NewBucketAsync()) with { Name = "no-such-bucket" }, "BUCKET_NAME");

    [ToolFact(Tools.Rgw)]
    public async Task A_wrong_secret_is_named()
        => await AssertRefusedAsync((await S3Bench.NewBucketAsync()) with { SecretAccessKey = "wrong" }, "AWS_SECRET_ACCESS_KEY");

    [ToolFact(Tools.Rgw)]
    public async Task An_unknown_access_key_is_named()
        => await AssertRefusedAsync((await S3Bench.NewBucketAsync()) with { AccessKeyId = "nobody" }, "AWS_ACCESS_KEY_ID");

    [ToolFact(Tools.Rgw)]
    public async Task A_server_that_is_not_there_is_named()
        => await AssertRefusedAsync((await S3Bench.NewBucketAsync()) with { Endpoint = new Uri("http://127.0.0.1:1"), Retries = 0 }, "BUCKET_HOST");

    [Fact]
    public async Task A_key_without_rights_is_told_which_it_needs()
    {
        await using ScriptedS3 server = await ScriptedS3.StartAsync();
        server.Fail("LIST", ScriptedS3.Error(403, "AccessDenied"));

        await AssertRefusedAsync(server.Options, "grant it to list, read, write and delete");
    }

    [Fact]
    public async Task Credentials_that_are_nowhere_are_named()
    {
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        await using ScriptedS3 server = await ScriptedS3.StartAsync();

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => S3Bench.OpenAsync(server.Options with { AccessKeyId = null, SecretAccessKey = null }));

        Assert.Contains("AWS_ACCESS_KEY_ID", error.Message, StringComparison.Ordinal);
    }

    private static async Task<BucketOptions> OverTlsAsync() => (await S3Bench.NewBucketAsync()) with { Endpoint = (await RgwServer.SharedAsync()).TlsEndpoint, Retries = 0 };

    private static async Task AssertRefusedAsync(BucketOptions options, string setting)
    {
        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => S3Bench.OpenAsync(options));
        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(options.SecretAccessKey!, error.Message, StringComparison.Ordinal);
    }
}
