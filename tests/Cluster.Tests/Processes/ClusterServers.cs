using Amazon.Runtime;
using Amazon.S3;
using ImagingIngestion.Options;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests;

/// <summary>PostgreSQL and an S3 server for one cluster, which may stop and start them; with a database and a bucket of the cluster's own.</summary>
internal sealed class ClusterServers : IAsyncDisposable
{
    private ClusterServers(PostgresServer database, RgwServer bucket)
    {
        Database = database;
        Bucket = bucket;
    }

    public PostgresServer Database { get; }

    public RgwServer Bucket { get; }

    /// <summary>The settings by which processes find both.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    /// <summary>Servers of its own, which nobody else notices when they stop. When one fails to start, or both cannot be prepared, none is left running.</summary>
    public static async Task<ClusterServers> StartAsync()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"imaging-cluster-{Guid.NewGuid():N}");
        Task<PostgresServer> database = PostgresServer.StartAsync(folder + "-postgres");
        Task<RgwServer> bucket = RgwServer.StartAsync(folder + "-rgw");
        try
        {
            ClusterServers servers = new(await database, await bucket);
            await servers.PrepareAsync();
            return servers;
        }
        catch
        {
            // The other one may still be starting.
            await Task.WhenAll(database, bucket).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll(
                database.IsCompletedSuccessfully ? (await database).StopAsync() : Task.CompletedTask,
                bucket.IsCompletedSuccessfully ? (await bucket).StopAsync() : Task.CompletedTask);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.StopAsync();
        await Bucket.StopAsync();
    }

    private async Task PrepareAsync()
    {
        string name = $"cluster-{Guid.NewGuid():N}";
        AmazonS3Config config = new() { ServiceURL = Bucket.Endpoint.GetLeftPart(UriPartial.Authority), ForcePathStyle = true, AuthenticationRegion = Bucket.Region };
        using (AmazonS3Client client = new(new BasicAWSCredentials(Bucket.AccessKey, Bucket.SecretKey), config))
        {
            await client.PutBucketAsync(name);
        }

        DatabaseOptions database = Database.Options(await Database.CreateDatabaseAsync());
        Settings = new Dictionary<string, string>
        {
            ["DB_KIND"] = "postgresql",
            ["DB_HOST"] = database.Host,
            ["DB_PORT"] = $"{database.Port}",
            ["DB_NAME"] = database.Name,
            ["DB_USER"] = database.User,
            ["DB_PASS"] = database.Password ?? "",
            ["DATASOURCE_MAX_SIZE"] = "8",
            ["BUCKET_HOST"] = Bucket.Endpoint.GetLeftPart(UriPartial.Authority),
            ["BUCKET_NAME"] = name,
            ["BUCKET_REGION"] = Bucket.Region,
            ["AWS_ACCESS_KEY_ID"] = Bucket.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = Bucket.SecretKey,
        };
    }
}
