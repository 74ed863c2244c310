using ImagingIngestion.Cluster.Tests.Processes;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Senders over HTTP and DIMSE that go on, whatever happens to the cluster meanwhile.</summary>
internal static class ClusterLoad
{
    private const int StowSenders = 3;
    private const int StoreSenders = 2;

    /// <summary>Sends until something is done with the cluster.</summary>
    public static async Task RunAsync(TestCluster cluster, Ledger ledger, int seed, Func<Task> meanwhile)
    {
        using CancellationTokenSource stop = new();
        Task[] senders =
        [
            .. Enumerable.Range(0, StowSenders).Select(number => Task.Run(() => new StowSender(cluster.Roots, new LoadNames(seed, number), ledger, number).RunAsync(stop.Token))),
            .. Enumerable.Range(StowSenders, StoreSenders).Select(number => Task.Run(() => new StoreSender(cluster.DimsePort, new LoadNames(seed, number), ledger).RunAsync(stop.Token))),
        ];
        try
        {
            await meanwhile();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(senders);
        }
    }
}
