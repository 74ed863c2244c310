using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>Measures the heap of the process, so no other test may run meanwhile.</summary>
[Collection(nameof(StowMemoryTests))]
[CollectionDefinition(nameof(StowMemoryTests), DisableParallelization = true)]
public sealed class StowMemoryTests
{
    [Fact]
    public async Task A_large_instance_passes_without_being_held()
    {
        const long Large = 512L << 20;
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 1);
        await bench.DeliverAsync(1);
        bench.Source.Add("1.2.2", Large);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        using CancellationTokenSource done = new();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        Task watching = WatchAsync();

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(StowBench.Delivery(2)));

        await done.CancelAsync();
        await watching;
        Assert.Equal(DeliveryOutcome.Delivered, result.Outcome);
        Assert.Equal(Large, receiver.Lengths["1.2.2"]);
        // Source and target run in this process as well.
        Assert.InRange(peak - before, long.MinValue, 64L << 20);

        async Task WatchAsync()
        {
            try
            {
                while (await timer.WaitForNextTickAsync(done.Token))
                {
                    peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
                }
            }
            catch (OperationCanceledException)
            {
                // The delivery is done.
            }
        }
    }
}
