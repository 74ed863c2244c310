using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests;

/// <summary>PostgreSQL and an S3 server for one cluster, which may stop and start them; with a database and a bucket of the cluster's own.</summary>
internal sealed class ClusterServers : IAsyncDisposable
{
    private ClusterServers(PostgresServer database, RgwServer bucket, ClusterStores stores)
    {
        Database = database;
        Bucket = bucket;
        Settings = stores.Settings;
    }

    public PostgresServer Database { get; }

    public RgwServer Bucket { get; }

    /// <summary>The settings by which processes find both.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Servers of its own, which nobody else notices when they stop. When one fails to start, or both cannot be prepared, none is left running.</summary>
    public static async Task<ClusterServers> StartAsync()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"imaging-cluster-{Guid.NewGuid():N}");
        Task<PostgresServer> database = PostgresServer.StartAsync(folder + "-postgres");
        Task<RgwServer> bucket = RgwServer.StartAsync(folder + "-rgw");
        try
        {
            return new ClusterServers(await database, await bucket, await ClusterStores.CreateAsync(await database, await bucket));
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
}
