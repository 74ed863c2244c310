using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

/// <summary>The process dies at any moment of a load with late arrivals: every revision is there once, and tells what was acknowledged.</summary>
public sealed class RevisionKillTests
{
    private const int KillsOfAFolder = 5;
    private const int LeastMilliseconds = 200;
    private const int MostMilliseconds = 1500;

    private static readonly int Kills = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 200 : 10;

    [Fact]
    public async Task Revisions_have_no_gap_and_no_double_and_list_what_was_acknowledged_whenever_the_process_is_killed()
    {
        int late = 0;
        for (int seed = 0; seed < Kills / KillsOfAFolder; seed++)
        {
            using TemporaryFolder folder = new();
            RevisionLoad load = new(seed);
            FeedConsumer feed = new();
            for (int kill = 0; kill < KillsOfAFolder; kill++)
            {
                await RunAndKillAsync(folder.Sub("data"), load, feed, new Random((seed * KillsOfAFolder) + kill));
            }

            await using Server last = await RevisionServer.StartAsync(folder.Sub("data"));
            await feed.RunUntilQuietAsync(last.Client);

            Assert.Empty(RevisionCheck.Faults(load, feed));
            late += feed.Revisions.Count(revision => revision["revision"]!.GetValue<int>() > 0);
        }

        Assert.True(late > 0, "No study had a second revision; the load is too short.");
    }

    private static async Task RunAndKillAsync(string data, RevisionLoad load, FeedConsumer feed, Random random)
    {
        await using Server server = await RevisionServer.StartAsync(data);
        Task running = Task.WhenAll(load.RunAsync(server.Client), feed.RunAsync(server.Client));
        using (PeriodicTimer moment = new(TimeSpan.FromMilliseconds(random.Next(LeastMilliseconds, MostMilliseconds))))
        {
            await moment.WaitForNextTickAsync();
        }

        await server.KillAsync();
        await running;
    }
}
