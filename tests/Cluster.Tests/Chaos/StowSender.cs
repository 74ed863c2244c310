using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>A STOW-RS client that sends an instance again, to the next gateway, until it is told that it is stored.</summary>
internal sealed class StowSender(IReadOnlyList<Uri> gateways, LoadNames names, Ledger ledger, int first)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private int _gateway = first;

    public async Task RunAsync(CancellationToken stop)
    {
        HttpClient[] clients = [.. gateways.Select(gateway => new HttpClient { BaseAddress = gateway, Timeout = Patience })];
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
