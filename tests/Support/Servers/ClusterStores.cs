using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Storage.Postgres;
using Npgsql;

namespace ImagingIngestion.Tests;

/// <summary>A separate database and bucket for one cluster, and the settings by which its processes find them.</summary>
internal sealed class ClusterStores : IServerStores
{
    private readonly PostgresServer _databaseServer;
    private readonly RgwServer _bucketServer;
    private readonly string _database;
    private readonly string _bucket;

    private ClusterStores(
        PostgresServer databaseServer, string database, RgwServer bucketServer, string bucket, IReadOnlyDictionary<string, string> settings)
    {
        _databaseServer = databaseServer;
        _database = database;
        _bucketServer = bucketServer;
        _bucket = bucket;
        Settings = settings;
    }

    /// <summary>The environment of every process.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    public static async Task<ClusterStores> CreateAsync(PostgresServer databaseServer, RgwServer bucketServer)
    {
        string bucket = $"cluster-{Guid.NewGuid():N}";
        using (AmazonS3Client client = Connect(bucketServer))
        {
            await client.PutBucketAsync(bucket);
        }

        DatabaseOptions database = databaseServer.Options(await databaseServer.CreateDatabaseAsync());
        return new ClusterStores(databaseServer, database.Name, bucketServer, bucket, new Dictionary<string, string>
        {
            ["DB_KIND"] = "postgresql",
            ["DB_HOST"] = database.Host,
            ["DB_PORT"] = $"{database.Port}",
            ["DB_NAME"] = database.Name,
            ["DB_USER"] = database.User,
            ["DB_PASS"] = database.Password ?? "",
            ["DATASOURCE_MAX_SIZE"] = "8",
            ["BUCKET_HOST"] = bucketServer.Endpoint.GetLeftPart(UriPartial.Authority),
            ["BUCKET_NAME"] = bucket,
            ["BUCKET_REGION"] = bucketServer.Region,
            ["AWS_ACCESS_KEY_ID"] = bucketServer.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = bucketServer.SecretKey,
        });
    }

    public async Task<int> CountInstancesAsync() => (await ListKeysAsync()).Count(key => key.EndsWith(".dcm", StringComparison.Ordinal));

    /// <summary>Puts a foreign object into the bucket.</summary>
    public async Task PutAsync(string key)
    {
        using AmazonS3Client client = Connect(_bucketServer);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = key, ContentBody = key, UseChunkEncoding = false });
    }

    /// <summary>Returns the keys of all objects in the bucket, in their order.</summary>
    public async Task<IReadOnlyList<string>> ListKeysAsync()
    {
        using AmazonS3Client client = Connect(_bucketServer);
        List<string> keys = [];
        string? token = null;
        do
        {
            ListObjectsV2Response page =
                await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, ContinuationToken = token });
            keys.AddRange(page.S3Objects?.Select(item => item.Key) ?? []);
            token = page.NextContinuationToken;
        }
        while (token is not null);

        return keys;
    }

    public async Task<int> CountUploadsAsync()
    {
        using AmazonS3Client client = Connect(_bucketServer);
        ListMultipartUploadsResponse uploads = await client.ListMultipartUploadsAsync(_bucket);
        return uploads.MultipartUploads?.Count ?? 0;
    }

    public async Task<bool> AreEventsNumberedAsync()
    {
        await using NpgsqlConnection connection = _databaseServer.Open(_database);
        await using NpgsqlCommand command = new("SELECT NOT EXISTS (SELECT 1 FROM imaging.event_inbox)", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    public Task FlipAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes =>
    {
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    });

    public Task CutAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes => bytes[..(bytes.Length / 2)]);

    public async Task RemoveAsync(string sopInstanceUid)
    {
        using AmazonS3Client client = Connect(_bucketServer);
        await client.DeleteObjectAsync(_bucket, await KeyOfAsync(sopInstanceUid));
    }

    public async Task RemoveAllAsync()
    {
        using AmazonS3Client client = Connect(_bucketServer);
        foreach (string key in (await ListKeysAsync()).Where(key => key.EndsWith(".dcm", StringComparison.Ordinal)))
        {
            await client.DeleteObjectAsync(_bucket, key);
        }
    }

    public Task EndLeasesAsync()
        => _databaseServer.ExecuteAsync(_database, "UPDATE imaging.delivery SET due_at = 0 WHERE owner IS NOT NULL");

    private async Task<string> KeyOfAsync(string sopInstanceUid)
        => (await ListKeysAsync()).Single(key => key.Contains($"/{sopInstanceUid}/", StringComparison.Ordinal));

    private async Task ChangeAsync(string sopInstanceUid, Func<byte[], byte[]> change)
    {
        string key = await KeyOfAsync(sopInstanceUid);
        using AmazonS3Client client = Connect(_bucketServer);
        using MemoryStream bytes = new();
        using (GetObjectResponse stored = await client.GetObjectAsync(_bucket, key))
        {
            await stored.ResponseStream.CopyToAsync(bytes);
        }

        using MemoryStream changed = new(change(bytes.ToArray()));
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = changed, UseChunkEncoding = false });
    }

    private static AmazonS3Client Connect(RgwServer server) => new(
        new BasicAWSCredentials(server.AccessKey, server.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = server.Endpoint.GetLeftPart(UriPartial.Authority),
            ForcePathStyle = true,
            AuthenticationRegion = server.Region,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED
        });
}
