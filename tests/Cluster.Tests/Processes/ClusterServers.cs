using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>
/// PostgreSQL and an S3 server for one cluster, which may stop and start them; with a database and a bucket of the cluster's own.
/// </summary>
internal sealed class ClusterServers : IAsyncDisposable
{
    private ClusterServers(PostgresServer database, RgwServer bucket, BucketProxy proxy, IReadOnlyDictionary<string, string> settings)
    {
        Database = database;
        Bucket = bucket;
        Proxy = proxy;
        Settings = settings;
    }

    public PostgresServer Database { get; }

    public RgwServer Bucket { get; }

    /// <summary>Stands between the processes and the S3 server.</summary>
    public BucketProxy Proxy { get; }

    /// <summary>The role that the processes log in with: it owns the database, and no more.</summary>
    public string Role => Settings["DB_USER"];

    /// <summary>The settings by which processes find both.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>
    /// Servers of its own, which nobody else notices when they stop. When one fails to start, or both cannot be prepared, none is left
    /// running.
    /// </summary>
    public static async Task<ClusterServers> StartAsync()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"imaging-cluster-{Guid.NewGuid():N}");
        Task<PostgresServer> database = PostgresServer.StartAsync(folder + "-postgres");
        Task<RgwServer> bucket = RgwServer.StartAsync(folder + "-rgw");
        try
        {
            ClusterStores stores = await ClusterStores.CreateAsync(await database, await bucket);
            string role = $"role_{Guid.NewGuid():N}";
            await (await database).ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
            await (await database).ExecuteAsync("postgres", $"ALTER DATABASE {stores.Settings["DB_NAME"]} OWNER TO {role}");
            BucketProxy proxy = await BucketProxy.StartAsync(await bucket);
            return new ClusterServers(
                await database,
                await bucket,
                proxy,
                new Dictionary<string, string>(
                    stores.Settings) { ["DB_USER"] = role, ["DB_PASS"] = "secret", ["BUCKET_HOST"] = proxy.Root });
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
        await Proxy.DisposeAsync();
        await Database.StopAsync();
        await Bucket.StopAsync();
    }
}
