using Amazon.S3;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>A bucket that cannot be used is reported at the start, with the setting to change.</summary>
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
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(
            () => S3Bench.OpenAsync(options with { CaFile = typeof(S3StartTests).Assembly.Location }));
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
        => await AssertRefusedAsync(
            (await S3Bench.NewBucketAsync()) with { Host = "http://127.0.0.1:1", Retries = 0 }, "BUCKET_HOST");

    [Fact]
    public async Task A_key_without_rights_is_told_which_it_needs()
    {
        await using ScriptedS3 server = await ScriptedS3.StartAsync();
        server.Fail("LIST", ScriptedS3.Error(403, "AccessDenied"));

        await AssertRefusedAsync(server.Options, "grant it s3:ListBucket");
    }

    [Fact]
    public async Task A_key_that_cannot_tell_a_missing_object_is_told_which_right_it_needs()
    {
        await using ScriptedS3 server = await ScriptedS3.StartAsync();
        server.Fail("HEAD", ScriptedS3.Error(403, ""));

        await AssertRefusedAsync(server.Options, "grant it s3:ListBucket");
    }

    [ToolFact(Tools.Rgw)]
    public async Task A_bucket_whose_policy_denies_listing_is_refused_and_never_taken_for_one_that_lost_its_objects()
    {
        BucketOptions options = await S3Bench.NewBucketAsync();
        using S3ObjectStore store = await S3Bench.OpenAsync(options);
        ObjectKey missing = new("no/such/object.dcm");
        Assert.Null(await store.FindAsync(missing, CancellationToken.None));
        using (AmazonS3Client client = S3Bench.Client(options))
        {
            await client.PutBucketPolicyAsync(options.Name, $$"""
                {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{{options.Name}}"}]}
                """);
        }

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => store.FindAsync(missing, CancellationToken.None));

        Assert.Equal(ObjectStoreFault.ReadOnly, error.Fault);
        await AssertRefusedAsync(options, "grant it s3:ListBucket");
    }

    [Fact]
    public async Task Credentials_that_are_nowhere_are_named()
    {
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        await using ScriptedS3 server = await ScriptedS3.StartAsync();

        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(
            () => S3Bench.OpenAsync(server.Options with { AccessKeyId = null, SecretAccessKey = null }));

        Assert.Contains("AWS_ACCESS_KEY_ID", error.Message, StringComparison.Ordinal);
    }

    private static async Task<BucketOptions> OverTlsAsync()
    {
        Uri server = (await RgwServer.SharedAsync()).TlsEndpoint;
        return (await S3Bench.NewBucketAsync()) with { Host = server.GetLeftPart(UriPartial.Authority), Retries = 0 };
    }

    private static async Task AssertRefusedAsync(BucketOptions options, string setting)
    {
        ObjectStoreException error = await Assert.ThrowsAsync<ObjectStoreException>(() => S3Bench.OpenAsync(options));
        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(options.SecretAccessKey!, error.Message, StringComparison.Ordinal);
    }
}
