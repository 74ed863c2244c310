using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>Several processes, each with a store of its own on one database, fan out and claim at the same time.</summary>
public sealed class PostgresManyClaimersTests : DeliveryConformance
{
    private const int Processes = 4;
    private const int Count = 300;

    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    [Fact]
    public async Task What_several_processes_fan_out_and_claim_at_once_is_delivered_once_each()
    {
        await RegisterAsync(Instances);
        await StoreAsync(new SampleStudy(), Count);
        ConcurrentDictionary<InstanceId, int> delivered = new();
        PostgresManifestStore[] stores = await Task.WhenAll(Enumerable.Range(0, Processes).Select(
            _ => PostgresManifestStore.OpenAsync(_backend!.Options, Supervision.Of(TimeProvider.System), CancellationToken.None)));

        await Task.WhenAll(stores.Select((store, number) => Task.Run(() => RunAsync(store.Deliveries, $"process-{number}", delivered))));

        Assert.Equal(Count, delivered.Count);
        Assert.All(delivered.Values, times => Assert.Equal(1, times));
        foreach (PostgresManifestStore store in stores)
        {
            await store.DisposeAsync();
        }
    }

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();

    private static async Task RunAsync(IDeliveryQueue queue, string owner, ConcurrentDictionary<InstanceId, int> delivered)
    {
        for (int idle = 0; idle < 3;)
        {
            FanOutResult result = await queue.FanOutAsync(Instances, 7, CancellationToken.None);
            DeliveryClaim claim = await queue.ClaimAsync(Instances.Name, owner, TimeSpan.FromMinutes(1), 5, CancellationToken.None);
            foreach (Delivery delivery in claim.Deliveries)
            {
                delivered.AddOrUpdate(delivery.Instance!.Value, 1, (_, times) => times + 1);
            }

            await queue.SettleAsync(
                [.. claim.Deliveries.Select(delivery => new DeliverySettlement(delivery, DeliveryOutcome.Delivered))],
                CancellationToken.None);
            idle = result.HasMore || claim.Deliveries.Count > 0 ? 0 : idle + 1;
        }
    }
}
