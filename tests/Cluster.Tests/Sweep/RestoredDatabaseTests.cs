using System.Net;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Sweep;

/// <summary>A database is restored from a backup while the bucket goes on.</summary>
/// <remarks>
/// The sweeper deletes nothing until an operator arms it, and then only its own objects. The test advances the clock of the database, so
/// that everything is old enough to be deleted.
/// </remarks>
public sealed class RestoredDatabaseTests
{
    private const string Aged = "CREATE OR REPLACE FUNCTION imaging.now_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT "
        + "(extract(epoch FROM clock_timestamp() + interval '3 days') * 1000000)::bigint $$";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(3);

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task Nothing_is_lost_until_an_operator_arms_the_sweeper_and_foreign_objects_never_are()
    {
        using TemporaryFolder folder = new();
        PostgresServer server = await PostgresServer.SharedAsync();
        ClusterStores stores = await ClusterStores.CreateAsync(server, await RgwServer.SharedAsync());
        string database = stores.Settings["DB_NAME"];
        int port = FreePort.Take();
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        TestInstance before = new("before the backup") { PixelData = new byte[64] };
        TestInstance dropped = new("deleted after the backup") { PixelData = new byte[64] };
        TestInstance after = new("after the backup") { PixelData = new byte[64] };
        string[] foreign = ["holiday.jpg", "default/1.2/1.3/1.4/0123456789abcdef0123456789abcdef.dcm"];
        foreach (string key in foreign)
        {
            await stores.PutAsync(key);
        }

        await using ClusterProcess process = TestCluster.MakeAllInOne("server", port, folder.Path, stores.Settings);
        await process.StartAsync();
        Assert.True((await client.StoreAsync(before.ToPart10())).IsSuccess);
        Assert.True((await client.StoreAsync(dropped.ToPart10())).IsSuccess);
        Assert.Equal(0, await process.StopAsync());
        string backup = await server.CreateDatabaseAsync(database);

        await process.StartAsync();
        Assert.True((await client.StoreAsync(after.ToPart10())).IsSuccess);
        Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(PathOf(dropped)));
        Assert.Equal(0, await process.StopAsync());
        IReadOnlyList<string> objects = await ListAsync(stores);
        await server.ExecuteAsync("postgres", $"DROP DATABASE {database}");
        await server.ExecuteAsync("postgres", $"ALTER DATABASE {backup} RENAME TO {database}");
        await server.ExecuteAsync(database, Aged);

        await process.StartAsync();
        Assert.Contains("disarmed", await client.GetStringAsync("healthz/ready"), StringComparison.Ordinal);
        (int exitCode, string listed, _) = await CheckAsync(stores);
        Assert.Equal(0, exitCode);
        string unnamed = Assert.Single(listed.Split('\n'), line => line.StartsWith("unnamed", StringComparison.Ordinal));
        Assert.Contains(after.SopUid, unnamed, StringComparison.Ordinal);
        Assert.Equal(objects, await ListAsync(stores));
        foreach (TestInstance instance in new[] { before, dropped })
        {
            Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(await client.RetrieveAsync(PathOf(instance))).ToArray());
        }

        await CheckAsync(stores, "--arm");
        await WaitAsync(async () => !(await ListAsync(stores)).Any(key => key.Contains(after.SopUid, StringComparison.Ordinal)));
        Assert.Equal(objects.Where(key => !key.Contains(after.SopUid, StringComparison.Ordinal)), await ListAsync(stores));
        Assert.DoesNotContain("disarmed", await client.GetStringAsync("healthz/ready"), StringComparison.Ordinal);
    }

    /// <summary>
    /// The process is killed between deleting objects and forgetting them: the next round continues, and deletes no named object.
    /// </summary>
    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_process_killed_while_it_sweeps_leaves_the_rest_to_the_next()
    {
        const int Instances = 60;
        using TemporaryFolder folder = new();
        PostgresServer server = await PostgresServer.SharedAsync();
        ClusterStores stores = await ClusterStores.CreateAsync(server, await RgwServer.SharedAsync());
        int port = FreePort.Take();
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        TestInstance[] gone = [.. Enumerable.Range(0, Instances).Select(
            number => new TestInstance($"gone {number}") { StudyUid = TestUid.Create("gone"), PixelData = new byte[64] })];
        TestInstance kept = new("kept") { PixelData = new byte[64] };
        await using ClusterProcess process = TestCluster.MakeAllInOne("server", port, folder.Path, stores.Settings);
        await process.StartAsync();
        Assert.True(
            (await client.StoreAllAsync([.. gone.Append(kept).Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10())])).IsSuccess);
        using (HttpResponseMessage deleted = await client.DeleteAsync($"dicom-web/studies/{gone[0].StudyUid}"))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        await server.ExecuteAsync(stores.Settings["DB_NAME"], Aged);
        await WaitAsync(async () => (await ListAsync(stores)).Count(IsInstance) <= Instances);
        await process.KillAsync();
        int left = (await ListAsync(stores)).Count(IsInstance);

        // As if the lease of the killed process had ended.
        await server.ExecuteAsync(stores.Settings["DB_NAME"], "DELETE FROM imaging.sweep_lease");
        await process.StartAsync();
        await WaitAsync(async () => (await ListAsync(stores)).Count(IsInstance) == 1);

        Assert.InRange(left, 1, Instances);
        Assert.Equal(kept.ToDataSet(), Part10Split.DataSet(await client.RetrieveAsync(PathOf(kept))).ToArray());
        await WaitAsync(
            async () => await server.ScalarAsync(stores.Settings["DB_NAME"], "SELECT count(*) FROM imaging.dropped_object") == 0);
    }

    /// <summary>Lists the keys without those of the sweeper itself.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(ClusterStores stores)
        => [.. (await stores.ListKeysAsync()).Where(key => !key.Contains("/_installation/", StringComparison.Ordinal))];

    private static bool IsInstance(string key) => key.EndsWith(".dcm", StringComparison.Ordinal);

    private static StoredPath PathOf(TestInstance instance) => new(instance.StudyUid, instance.SeriesUid, instance.SopUid);

    private static Task<(int ExitCode, string Output, string Error)> CheckAsync(ClusterStores stores, params string[] more)
        => ExternalProcess.RunAsync(
            "dotnet", [TestCluster.Program("Silo"), "check", .. more], "", TestTimeout, new Dictionary<string, string>(stores.Settings));

    private static Task WaitAsync(Func<Task<bool>> condition) => Poll.UntilAsync(TestTimeout, condition);
}
