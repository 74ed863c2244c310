using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>PostgreSQL and an S3 server, with a separate database and bucket for one cluster.</summary>
/// <remarks>The servers of the run are shared with other tests; a test that stops or restarts servers starts its own.</remarks>
internal sealed class ClusterServers : IAsyncDisposable
{
    private readonly bool _areShared;

    private ClusterServers(
        PostgresServer database, RgwServer bucket, BucketProxy proxy, IReadOnlyDictionary<string, string> settings, bool areShared)
    {
        Database = database;
        Bucket = bucket;
        Proxy = proxy;
        Settings = settings;
        _areShared = areShared;
    }

    public PostgresServer Database { get; }

    public RgwServer Bucket { get; }

    /// <summary>Stands between the processes and the S3 server.</summary>
    public BucketProxy Proxy { get; }

    /// <summary>The role that the processes log in with: it owns the database, and no more.</summary>
    public string Role => Settings["DB_USER"];

    /// <summary>The settings by which processes find both.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Returns the servers of the run, which must not be stopped.</summary>
    public static async Task<ClusterServers> ShareAsync()
        => await PrepareAsync(await PostgresServer.SharedAsync(), await RgwServer.SharedAsync(), areShared: true);

    /// <summary>Starts separate servers. If one fails to start, or both cannot be prepared, none is left running.</summary>
    public static async Task<ClusterServers> StartAsync()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"imaging-cluster-{Guid.NewGuid():N}");
        Task<PostgresServer> database = PostgresServer.StartAsync(folder + "-postgres");
        Task<RgwServer> bucket = RgwServer.StartAsync(folder + "-rgw");
        try
        {
            return await PrepareAsync(await database, await bucket, areShared: false);
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
        if (_areShared)
        {
            await Database.DropDatabaseAsync(Settings["DB_NAME"]);
            await Database.ExecuteAsync("postgres", $"DROP ROLE {Role}");
            return;
        }

        await Database.StopAsync();
        await Bucket.StopAsync();
    }

    private static async Task<ClusterServers> PrepareAsync(PostgresServer database, RgwServer bucket, bool areShared)
    {
        ClusterStores stores = await ClusterStores.CreateAsync(database, bucket);
        string role = $"role_{Guid.NewGuid():N}";
        await database.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        await database.ExecuteAsync("postgres", $"ALTER DATABASE {stores.Settings["DB_NAME"]} OWNER TO {role}");
        BucketProxy proxy = await BucketProxy.StartAsync(bucket);
        Dictionary<string, string> settings = new(stores.Settings)
        {
            ["DB_USER"] = role,
            ["DB_PASS"] = "secret",
            ["BUCKET_HOST"] = proxy.Root,
        };
        return new ClusterServers(database, bucket, proxy, settings, areShared);
    }
}
