using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.EndToEnd.Tests.Revisions;
using ImagingIngestion.Tests;
using Xunit.Abstractions;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Under load, processes die and freeze, and stores go away and come back.</summary>
/// <remarks>No acknowledged instance is lost, and every event comes once.</remarks>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string ReportVariable = "IMAGING_TEST_REPORT";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(IsLong ? 600 : 60);
    private static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(5);

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task Whatever_dies_every_acknowledged_instance_is_there_and_told_once()
    {
        int seed = int.TryParse(
            Environment.GetEnvironmentVariable("IMAGING_TEST_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int given) ? given : 1;
        using TemporaryFolder folder = new();
        await using EventReceiver sink = await EventReceiver.StartAsync();
        int archivePort = FreePort.Take();
        await using ClusterProcess archive = TestCluster.MakeAllInOne("archive", archivePort, folder.Sub("archive"));
        await archive.StartAsync();
        await using ClusterServers servers = await ClusterServers.StartAsync();
        await using TestCluster cluster = await TestCluster.StartAsync(servers, new Dictionary<string, string>
        {
            ["WEBHOOK_ENDPOINT"] = sink.Endpoint.AbsoluteUri,
            ["STOW_ENDPOINT"] = $"http://127.0.0.1:{archivePort}/stow-rs/studies",
        });
        Ledger ledger = new();
        ChaosRun run = new(cluster, seed);

        await ClusterLoad.RunAsync(cluster, ledger, seed, () => run.RunAsync(Duration));
        FeedConsumer feed = await SettleAsync(cluster);

        using HttpClient archiveClient = new() { BaseAddress = new Uri($"http://127.0.0.1:{archivePort}/") };
        using HttpClient client = new() { BaseAddress = cluster.Roots[^1], Timeout = TimeSpan.FromMinutes(2) };
        List<string> faults =
        [
            .. ledger.Faults,
            .. run.Silent,
            .. await ChaosCheck.StoredAsync(client, ledger.Acknowledged.Values, "the cluster"),
            .. await ChaosCheck.FoundAsync(client, ledger),
            .. ChaosCheck.Revisions(ledger, feed),
            .. ChaosCheck.Events(ledger, feed, sink),
            .. await ChaosCheck.StoredAsync(archiveClient, ledger.Acknowledged.Values, "the archive"),
        ];

        string report = Report(seed, run, ledger, feed, sink, faults);
        output.WriteLine(report);
        if (Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, report + Environment.NewLine + string.Join(
                Environment.NewLine, cluster.Processes.Select(process => $"=== {process.Name}{Environment.NewLine}{process.Log}")));
        }

        Assert.True(faults.Count == 0, report);
        Assert.True(ledger.Acknowledged.Count > 100, report);
    }

    /// <summary>
    /// Waits until no binding has anything to deliver and no more events come; returns a consumer that has read all events.
    /// </summary>
    private static async Task<FeedConsumer> SettleAsync(TestCluster cluster)
    {
        FeedConsumer feed = new();
        using HttpClient client = new() { BaseAddress = cluster.Roots[0], Timeout = TimeSpan.FromMinutes(2) };
        using HttpClient bindings = new() { BaseAddress = cluster.BindingRoot };
        using CancellationTokenSource late = new(QuietTime);
        using PeriodicTimer pause = new(TimeSpan.FromSeconds(1));
        do
        {
            await pause.WaitForNextTickAsync(late.Token);
            await feed.RunUntilQuietAsync(client);
        }
        while (await WaitingAsync(bindings) > 0 || await feed.ReadAsync(client, "4s") > 0);

        return feed;
    }

    private static async Task<long> WaitingAsync(HttpClient bindings)
    {
        JsonArray rows = JsonNode.Parse(await bindings.GetStringAsync("bindings"))!["bindings"]!.AsArray();
        long latest = rows.Max(row => row!["cursor"]!.GetValue<long>());
        return rows.Sum(row => row!["waiting"]!.GetValue<long>() + (latest - row["cursor"]!.GetValue<long>()));
    }

    private static string Report(int seed, ChaosRun run, Ledger ledger, FeedConsumer feed, EventReceiver sink, List<string> faults)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {seed}, {Duration.TotalSeconds:F0} s: {string.Join(
            ", ", run.Done.OrderBy(row => row.Key).Select(row => $"{row.Key} {row.Value}"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"sent {ledger.Sent.Count}, acknowledged {ledger.Acknowledged.Count}, tried again "
            + $"after: {string.Join(", ", ledger.Refusals.OrderBy(row => row.Key).Select(row => $"{row.Key} {row.Value}"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"events {feed.Events.Count}, revisions {feed.Revisions.Count()}, delivered "
            + $"{sink.Received.Count} events, {sink.Received.Values.Sum() - sink.Received.Count} of them again");
        text.AppendLine(CultureInfo.InvariantCulture, $"faults {faults.Count}");
        foreach (string fault in faults.Take(50))
        {
            text.AppendLine(fault);
        }

        text.Append(run.Log);
        return text.ToString();
    }
}
