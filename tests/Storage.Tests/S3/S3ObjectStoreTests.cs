using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.S3;

public sealed class S3ObjectStoreTests : ObjectStoreConformance
{
    private BucketOptions? _options;
    private S3ObjectStore? _opened;

    public override Task DisposeAsync()
    {
        _opened!.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(PartSizes.First)]
    [InlineData(PartSizes.First + 1)]
    [InlineData((3 * PartSizes.First) + 17)]
    public async Task An_object_of_one_part_or_more_comes_back_as_it_was_written(int length)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(length);
        ObjectKey key = NewKey();

        await WriteAsync(key, bytes);

        Assert.Equal(bytes, await ReadAsync(key, 0, long.MaxValue));
        Assert.Equal(bytes[(length - 10)..], await ReadAsync(key, length - 10, 100));
        Assert.Equal(length, (await Store.FindAsync(key, CancellationToken.None))!.Length);
    }

    [Fact]
    public async Task An_upload_in_parts_that_is_abandoned_leaves_no_parts_behind()
    {
        ObjectKey key = NewKey();
        await using (IObjectUpload upload = await Store.BeginInstanceAsync(CancellationToken.None))
        {
            upload.Key = key;
            await upload.WriteAsync(new byte[(2 * PartSizes.First) + 1], CancellationToken.None);
            Assert.Single(await UnfinishedAsync());
        }

        Assert.Empty(await UnfinishedAsync());
        Assert.Null(await Store.FindAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task Uploads_of_processes_that_are_gone_are_found_and_aborted_when_they_are_old()
    {
        using AmazonS3Client client = S3Bench.Client(_options!);
        await client.InitiateMultipartUploadAsync(_options!.Name, "kit/left");
        await client.InitiateMultipartUploadAsync(_options.Name, "other/left");

        Assert.Equal(0, await _opened!.AbortUnfinishedAsync("kit/", DateTimeOffset.UnixEpoch, CancellationToken.None));
        Assert.Equal(1, await _opened.AbortUnfinishedAsync("kit/", DateTimeOffset.MaxValue, CancellationToken.None));

        Assert.Equal(["other/left"], (await UnfinishedAsync()).Select(upload => upload.Key));
    }

    [Fact]
    public async Task Objects_of_others_in_the_bucket_are_listed_only_where_their_key_could_be_ours()
    {
        using AmazonS3Client client = S3Bench.Client(_options!);
        foreach (string key in new[] { "foreign/with space", "foreign/.hidden", "foreign/plain" })
        {
            await S3Bench.PutAsync(client, _options!, key);
        }

        Assert.Equal(["foreign/plain"], (await ListAsync("foreign/")).Select(item => item.Key.Value));
    }

    [Fact]
    public async Task A_listing_goes_over_pages()
    {
        using AmazonS3Client client = S3Bench.Client(_options!);
        await Parallel.ForAsync(0, 1_100, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, token)
            => await S3Bench.PutAsync(client, _options!, $"pages/{number}", token));

        Assert.Equal(1_100, (await ListAsync("pages/")).DistinctBy(item => item.Key).Count());
    }

    protected override async Task<IObjectStore> OpenAsync()
    {
        _options = await S3Bench.NewBucketAsync();
        return _opened = await S3Bench.OpenAsync(_options);
    }

    private async Task<List<MultipartUpload>> UnfinishedAsync()
    {
        using AmazonS3Client client = S3Bench.Client(_options!);
        return (await client.ListMultipartUploadsAsync(_options!.Name)).MultipartUploads ?? [];
    }
}
