using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Storage.S3;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.S3;

/// <summary>Buckets of tests on a real S3 server.</summary>
internal static class S3Bench
{
    /// <summary>A new bucket over http.</summary>
    public static async Task<BucketOptions> NewBucketAsync()
    {
        RgwServer server = await RgwServer.SharedAsync();
        BucketOptions options = new()
        {
            Host = server.Endpoint.GetLeftPart(UriPartial.Authority),
            Name = $"test-{Guid.NewGuid():N}",
            Region = server.Region,
            AccessKeyId = server.AccessKey,
            SecretAccessKey = server.SecretKey,
        };
        using AmazonS3Client client = Client(options);
        await client.PutBucketAsync(options.Name);
        return options;
    }

    /// <summary>The SDK itself, for operations that the store does not have.</summary>
    public static AmazonS3Client Client(BucketOptions options) => new(
        new BasicAWSCredentials(options.AccessKeyId, options.SecretAccessKey),
        new AmazonS3Config
        {
            ServiceURL = options.Endpoint.GetLeftPart(UriPartial.Authority),
            ForcePathStyle = true,
            AuthenticationRegion = options.Region,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED
        });

    /// <summary>Writes an object that does not belong to the store.</summary>
    public static Task PutAsync(AmazonS3Client client, BucketOptions options, string key, CancellationToken cancellationToken = default)
        => client.PutObjectAsync(
            new PutObjectRequest { BucketName = options.Name, Key = key, ContentBody = "x", UseChunkEncoding = false }, cancellationToken);

    public static Task<S3ObjectStore> OpenAsync(BucketOptions options)
        => S3ObjectStore.OpenAsync(options, TimeProvider.System, memory: null, CancellationToken.None);
}
