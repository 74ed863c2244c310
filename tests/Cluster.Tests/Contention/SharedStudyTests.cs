using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Contention;

/// <summary>Two processes host one study and do not know each other, as when the owner of a study changes.</summary>
/// <remarks>Both go on, and no sender has to send again.</remarks>
public sealed class SharedStudyTests
{
    private const int SendersEach = 8;
    private const int InstancesEach = 60;
    private const int Bytes = 512;

    [ToolFact(Tools.Postgres)]
    public async Task Two_processes_that_write_the_same_study_take_every_instance()
    {
        using TemporaryFolder folder = new();
        PostgresServer server = await PostgresServer.SharedAsync();
        string database = await server.CreateDatabaseAsync();
        int[] ports = [FreePort.Take(), FreePort.Take()];
        await using ClusterProcess one = MakeProcess(ports[0]);
        await using ClusterProcess other = MakeProcess(ports[1]);
        await Task.WhenAll(one.StartAsync(), other.StartAsync());

        int[] refused =
            await Task.WhenAll(Enumerable.Range(0, 2 * SendersEach).Select(sender => Task.Run(() => SendAsync(ports[sender % 2], sender))));

        Assert.True(
            refused.Sum() == 0, $"{refused.Sum()} of {2 * SendersEach * InstancesEach} refused.{Environment.NewLine}{one.Log}{other.Log}");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}/") };
        string study = Assert.Single(await client.SearchAsync("studies?includefield=NumberOfStudyRelatedInstances"))!.ToJsonString();
        Assert.Contains($"{2 * SendersEach * InstancesEach}", study, StringComparison.Ordinal);

        ClusterProcess MakeProcess(int port)
            => TestCluster.MakeAllInOne($"process at {port}", port, folder.Path, new Dictionary<string, string>
            {
                ["DB_KIND"] = "postgresql",
                ["DB_HOST"] = server.Options(database).Host,
                ["DB_PORT"] = $"{server.Options(database).Port}",
                ["DB_NAME"] = database,
                ["DB_USER"] = server.Options(database).User,
                ["DB_PASS"] = server.Options(database).Password ?? "",
                ["IMAGING__STORAGE__SHAREDOBJECTS"] = folder.Sub("objects"),
            });
    }

    /// <summary>Sends instances and returns the number of those that were not stored.</summary>
    private static async Task<int> SendAsync(int port, int sender)
    {
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        int refused = 0;
        for (int number = 0; number < InstancesEach; number++)
        {
            refused += (await client.StoreAsync(new LoadInstance("shared by two", $"shared {sender}/{number}", Bytes).ToPart10())).IsSuccess
                ? 0
                : 1;
        }

        return refused;
    }
}
