using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>The process dies, or is stopped, at any moment of a load of C-STOREs: what was answered 0000 is there when it starts again.</summary>
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
