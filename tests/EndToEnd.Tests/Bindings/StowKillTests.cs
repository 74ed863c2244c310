using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>The source dies after the target has stored and before its answer arrives.</summary>
/// <remarks>Everything is delivered in the end, some of it twice.</remarks>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class StowKillTests
{
    private const int Instances = 120;
    private const int AtATime = 4;

    private static readonly int Seeds = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 20 : 3;

    [Fact]
    public async Task A_source_killed_between_a_delivery_and_its_record_delivers_everything()
    {
        foreach (int[] seeds in Enumerable.Range(1, Seeds).Chunk(AtATime))
        {
            await Task.WhenAll(seeds.Select(seed => KillAsync(new Random(seed).Next(1, 8), seed)));
        }
    }

    private static async Task KillAsync(int requests, int seed)
    {
        using TemporaryFolder folder = new();
        await using Server target = await Server.StartPeerAsync(folder.Sub("target"));
        await using StowRelay relay = await StowRelay.StartAsync(new Uri(target.Root, "dicom-web/studies"));
        IReadOnlyList<StoredPath> paths =
            await StoreAndKillAsync(folder.Sub("source"), relay, requests, BindingSource.Study($"kill {seed}", Instances));

        await using Server again = await BindingSource.StartAsync(folder.Sub("source"), relay.Studies);
        Assert.Equal(0, await again.WaitUntilDeliveredAsync());
        await BindingSource.AssertSameAsync(again, target, paths);
    }

    /// <summary>Stores, kills the server, and returns the instances that were acknowledged before.</summary>
    private static async Task<IReadOnlyList<StoredPath>> StoreAndKillAsync(string data, StowRelay relay, int requests, TestInstance[] study)
    {
        await using Server source = await BindingSource.StartAsync(data, relay.Studies);
        TaskCompletionSource killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int stored = 0;
        relay.OnStored = async () =>
        {
            if (Interlocked.Increment(ref stored) == requests)
            {
                // A delivery may be faster than the answer to the sender; an instance that was not acknowledged may be lost.
                await first.Task;
                await source.KillAsync();
                killed.SetResult();
            }
        };

        List<StoredPath> acknowledged = [];
        foreach (ReadOnlyMemory<byte>[] group in study.Files().Chunk(10))
        {
            try
            {
                StowReply reply = await source.Client.StoreAllAsync(group);
                acknowledged.AddRange(reply.Stored);
                first.TrySetResult();
            }
            catch (HttpRequestException)
            {
                break;
            }
        }

        await killed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        relay.OnStored = () => Task.CompletedTask;
        await source.Stores.EndLeasesAsync();
        Assert.NotEmpty(acknowledged);
        return acknowledged;
    }
}
