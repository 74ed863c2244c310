using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>The process dies at any moment of a load: every acknowledged instance is there after the next start.</summary>
public sealed class KillTests
{
    private const int MaxAnswers = 60;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 30 : 3;

    [Fact]
    public async Task What_was_acknowledged_before_a_kill_is_found_whole_after_a_restart()
    {
        using TemporaryFolder folder = new();
        string uploads = Path.Combine(folder.Sub("data"), "objects", ".uploads");
        List<UploadLoad> loads = [];
        int interrupted = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            loads.Add(await LoadAndKillAsync(folder.Sub("data"), round));
            interrupted += AgeUploads(uploads);

            await using Server restarted = await Server.StartAsync(folder.Sub("data"));
            Assert.Empty(Directory.GetFiles(uploads));
            Assert.Empty(await AcknowledgedCheck.FaultsAsync(restarted.Client, loads[^1]));
        }

        await using Server last = await Server.StartAsync(folder.Sub("data"));
        foreach (UploadLoad load in loads)
        {
            Assert.Empty(await AcknowledgedCheck.FaultsAsync(last.Client, load));
        }

        Assert.True(interrupted > 0, "No kill met an upload on its way; the load is too light.");
    }

    private static async Task<UploadLoad> LoadAndKillAsync(string data, int round)
    {
        await using Server server = await Server.StartAsync(data);
        UploadLoad load = new(server.Client, round);
        int answers = new Random(round).Next(1, MaxAnswers);
        await load.RunAsync(answers, server.KillAsync);
        Assert.True(load.Acknowledged.Count > 0, $"Nothing was stored. The server said:{Environment.NewLine}{server.Output}");
        return load;
    }

    /// <summary>Makes the remains of interrupted uploads older than an upload may be; returns their number.</summary>
    /// <remarks>The next start has to remove them.</remarks>
    private static int AgeUploads(string uploads)
    {
        string[] left = Directory.GetFiles(uploads);
        foreach (string file in left)
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-7));
        }

        return left.Length;
    }
}
