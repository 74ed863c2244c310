using ImagingIngestion.Cluster.Tests.Chaos;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Restart;

/// <summary>All silos stop in order and start again, one after the other: senders are at most told to try again.</summary>
public sealed class RollingRestartTests
{
    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_rolling_restart_of_all_silos_fails_no_request()
    {
        await using ClusterServers servers = await ClusterServers.ShareAsync();
        await using TestCluster cluster =
            await TestCluster.StartAsync(servers, new Dictionary<string, string> { ["WEBHOOK_ENDPOINT"] = "http://127.0.0.1:1/" });
        Ledger ledger = new();
        List<int> exitCodes = [];

        await ClusterLoad.RunAsync(cluster, ledger, seed: 1, async () =>
        {
            foreach (ClusterProcess silo in cluster.SiloProcesses)
            {
                int before = ledger.Acknowledged.Count;
                exitCodes.Add(await silo.StopAsync());
                await silo.StartAsync();
                await GrowAsync(ledger, before);
            }
        });

        Assert.All(exitCodes, code => Assert.Equal(0, code));
        Assert.Empty(ledger.Faults);
        Assert.DoesNotContain(ledger.Refusals, row => row.Key is not ("STOW 503" or "C-STORE A700"));
        using HttpClient client = new() { BaseAddress = cluster.Roots[0] };
        Assert.Empty(await ChaosCheck.StoredAsync(client, ledger.Acknowledged.Values, "the cluster"));
        Assert.Empty(await ChaosCheck.FoundAsync(client, ledger));
    }

    /// <summary>Waits until more is stored than before.</summary>
    private static Task GrowAsync(Ledger ledger, int before)
        => Poll.UntilAsync(TimeSpan.FromMinutes(1), () => Task.FromResult(ledger.Acknowledged.Count >= before + 10));
}
