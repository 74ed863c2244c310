using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Senders over HTTP and DIMSE that continue whatever happens to the cluster.</summary>
internal static class ClusterLoad
{
    private const int StowSenders = 3;
    private const int StoreSenders = 2;

    /// <summary>Sends until the given action has ended.</summary>
    public static async Task RunAsync(TestCluster cluster, Ledger ledger, int seed, Func<Task> meanwhile)
    {
        using CancellationTokenSource stop = new();
        Task[] senders =
        [
            .. Enumerable.Range(0, StowSenders).Select(
                number => Task.Run(() => new StowSender(cluster.Roots, new LoadNames(seed, number), ledger, number).RunAsync(stop.Token))),
            .. Enumerable.Range(StowSenders, StoreSenders).Select(
                number => Task.Run(() => new StoreSender(cluster.DimsePort, new LoadNames(seed, number), ledger).RunAsync(stop.Token))),
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

/// <summary>A modality that sends an instance again until the answer is 0000, and opens another association if one is lost.</summary>
internal sealed class StoreSender(int port, LoadNames names, Ledger ledger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public async Task RunAsync(CancellationToken stop)
    {
        using PeriodicTimer pause = new(Pause);
        LoadInstance? waiting = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using DimseSender sender =
                    await DimseSender.ConnectAsync(port, [(TestInstance.SecondaryCapture, Syntax.ExplicitLittle)]);
                while (!stop.IsCancellationRequested)
                {
                    LoadInstance instance = waiting ?? names.Next();
                    waiting = await TryStoreAsync(sender, instance) ? null : instance;
                    if (waiting is not null)
                    {
                        await pause.WaitForNextTickAsync(CancellationToken.None);
                    }
                }
            }
            catch (Exception error) when (error is AssociationException or TimeoutException)
            {
                ledger.Refuse($"C-STORE {(error as AssociationException)?.Fault.ToString() ?? "no answer"}");
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }

    private async Task<bool> TryStoreAsync(DimseSender sender, LoadInstance instance)
    {
        ledger.Send(instance);
        CStoreResponse response =
            await sender.StoreAsync(TestInstance.SecondaryCapture, instance.Path.Sop, Syntax.ExplicitLittle, instance.ToDataSet());
        if (response.Status.IsSuccess)
        {
            ledger.Acknowledge(instance);
            return true;
        }

        ledger.Refuse($"C-STORE {response.Status}");
        if (response.Status != DimseStatus.OutOfResources && response.Status != DimseStatus.ProcessingFailure)
        {
            ledger.Fault($"C-STORE {response.Status} {response.ErrorComment}");
        }

        return false;
    }
}

/// <summary>A STOW-RS client that sends an instance again, to the next gateway, until an answer names it as stored.</summary>
internal sealed class StowSender(IReadOnlyList<Uri> gateways, LoadNames names, Ledger ledger, int first)
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private int _gateway = first;

    public async Task RunAsync(CancellationToken stop)
    {
        HttpClient[] clients = [.. gateways.Select(gateway => new HttpClient { BaseAddress = gateway, Timeout = TestTimeout })];
        using PeriodicTimer pause = new(Pause);
        while (!stop.IsCancellationRequested)
        {
            LoadInstance instance = names.Next();
            ledger.Send(instance);
            while (!await TryStoreAsync(clients[_gateway % clients.Length], instance) && !stop.IsCancellationRequested)
            {
                _gateway++;
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        foreach (HttpClient client in clients)
        {
            client.Dispose();
        }
    }

    private async Task<bool> TryStoreAsync(HttpClient client, LoadInstance instance)
    {
        try
        {
            StowReply reply = await client.StoreAsync(instance.ToPart10());
            if (reply.IsSuccess && reply.Stored is [var stored] && stored == instance.Path)
            {
                ledger.Acknowledge(instance);
                return true;
            }

            ledger.Refuse($"STOW {reply.Status}");
            if (reply.Status is not (409 or 500 or 502 or 503 or 504))
            {
                ledger.Fault($"STOW {reply.Status} {reply.Body}");
            }

            return false;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
        {
            ledger.Refuse($"STOW {error.GetType().Name}");
            return false;
        }
    }
}
