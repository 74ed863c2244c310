using System.Collections.Concurrent;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>The process dies, or is stopped, at any moment of a load of C-STOREs.</summary>
/// <remarks>Every instance answered 0000 is there after the next start.</remarks>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class DimseKillTests
{
    private const int MaxAnswers = 60;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 30 : 5;

    [Fact]
    public async Task What_was_answered_0000_before_a_kill_is_found_whole_after_a_restart()
    {
        using TemporaryFolder folder = new();
        List<DimseLoad> loads = [];
        for (int round = 1; round <= Rounds; round++)
        {
            await using (Server server = await Server.StartAsync(folder.Sub("data")))
            {
                DimseLoad load = new(server.DimsePort, round);
                await load.RunAsync(new Random(round).Next(1, MaxAnswers), server.KillAsync);
                Assert.True(load.Acknowledged.Count > 0, $"Nothing was stored. The server said:{Environment.NewLine}{server.Output}");
                loads.Add(load);
            }

            await using Server restarted = await Server.StartAsync(folder.Sub("data"));
            Assert.Empty(await AcknowledgedCheck.FaultsAsync(restarted.Client, loads[^1]));
        }

        await using Server last = await Server.StartAsync(folder.Sub("data"));
        foreach (DimseLoad load in loads)
        {
            Assert.Empty(await AcknowledgedCheck.FaultsAsync(last.Client, load));
        }
    }

    [Fact]
    public async Task A_stop_lets_the_operations_that_run_finish_and_loses_nothing_that_was_answered()
    {
        using TemporaryFolder folder = new();
        DimseLoad load;
        await using (Server server = await Server.StartAsync(folder.Sub("data")))
        {
            load = new DimseLoad(server.DimsePort, seed: 200);
            int exitCode = -1;
            await load.RunAsync(answers: 20, async () => exitCode = await server.StopAsync());
            Assert.True(exitCode == 0, $"Exit code {exitCode}.{Environment.NewLine}{server.Output}");
        }

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        Assert.NotEmpty(load.Acknowledged);
        Assert.Empty(await AcknowledgedCheck.FaultsAsync(restarted.Client, load));
    }
}

/// <summary>Modalities that store without pause until the server is gone.</summary>
/// <remarks>
/// They send small instances one by one, several at once on one association, and large ones, one of which is nearly always under way.
/// </remarks>
internal sealed class DimseLoad(int port, int seed) : IRecordedLoad
{
    private const int SmallClients = 4;
    private const int OverlappingClients = 1;
    private const int LargeClients = 2;
    private const int Window = 4;
    private const int LargeBytes = 6 * 1024 * 1024;
    private const int Studies = 3;

    private readonly ConcurrentBag<LoadInstance> _acknowledged = [];
    private readonly ConcurrentDictionary<StoredPath, LoadInstance> _sent = [];
    private readonly ConcurrentBag<string> _faults = [];
    private int _answers;

    public IReadOnlyCollection<LoadInstance> Acknowledged => _acknowledged;

    public IReadOnlyDictionary<StoredPath, LoadInstance> Sent => _sent;

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Runs until every client has lost the server; runs the callback once, at the given number of answers.</summary>
    public async Task RunAsync(int answers, Func<Task> atThatMoment)
    {
        TaskCompletionSource moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task all = Task.WhenAll(Enumerable.Range(0, SmallClients + OverlappingClients + LargeClients).Select(
            number => Task.Run(() => SendAsync(number, answers, moment))));
        if (await Task.WhenAny(all, moment.Task) == moment.Task)
        {
            await atThatMoment();
        }

        await all;
    }

    private async Task SendAsync(int number, int answers, TaskCompletionSource moment)
    {
        Random random = new(unchecked((seed * 7919) + number));
        bool isLarge = number >= SmallClients + OverlappingClients;
        int window = number >= SmallClients && !isLarge ? Window : 1;
        try
        {
            await using DimseSender sender =
                await DimseSender.ConnectAsync(port, [(TestInstance.SecondaryCapture, Syntax.ExplicitLittle)], operations: window);
            for (int round = 0; ; round++)
            {
                LoadInstance[] instances =
                [
                    .. Enumerable.Range(0, window).Select(part => Next(random, $"{seed}/{number}/{round}/{part}", isLarge))
                ];
                await Task.WhenAll(instances.Select(instance => StoreAsync(sender, instance, answers, moment)));
            }
        }
        catch (AssociationException)
        {
            // The server is gone, as the test intends.
        }
    }

    private async Task StoreAsync(DimseSender sender, LoadInstance instance, int answers, TaskCompletionSource moment)
    {
        _sent[instance.Path] = instance;
        CStoreResponse response =
            await sender.StoreAsync(TestInstance.SecondaryCapture, instance.Path.Sop, Syntax.ExplicitLittle, instance.ToDataSet());
        if (response.Status.IsSuccess)
        {
            _acknowledged.Add(instance);
        }
        else if (response.Status != DimseStatus.OutOfResources)
        {
            _faults.Add($"{response.Status} {response.ErrorComment}");
        }

        if (Interlocked.Increment(ref _answers) == answers)
        {
            moment.TrySetResult();
        }
    }

    private LoadInstance Next(Random random, string name, bool isLarge)
    {
        int size = isLarge ? LargeBytes : 512 * random.Next(1, 100);
        return new LoadInstance(random.Next(4) == 0 ? name : $"{seed}/{random.Next(Studies)}", name, size);
    }
}
