using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.EndToEnd.Tests.Revisions;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Story;

/// <summary>One study on its way through all processes of a cluster.</summary>
public sealed class ClusterStoryTests
{
    private const int Rows = 128;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task What_one_gateway_takes_another_gives_and_a_third_process_delivers()
    {
        await using EventReceiver sink = await EventReceiver.StartAsync();
        await using ClusterServers servers = await ClusterServers.ShareAsync();
        await using TestCluster cluster =
            await TestCluster.StartAsync(servers, new Dictionary<string, string> { ["WEBHOOK_ENDPOINT"] = sink.Endpoint.AbsoluteUri });
        using HttpClient first = new() { BaseAddress = cluster.Roots[0], Timeout = TestTimeout };
        using HttpClient second = new() { BaseAddress = cluster.Roots[1], Timeout = TestTimeout };
        using HttpClient bindings = new() { BaseAddress = cluster.BindingRoot, Timeout = TestTimeout };

        // Larger than a part, so that the bucket gets it in several.
        LoadInstance overHttp = new("story", "over http", 6 * 1024 * 1024);
        LoadInstance overDimse = new("story", "over dimse", Rows * 512);
        StowReply reply = await first.StoreAsync(overHttp.ToPart10());
        Assert.True(reply.IsSuccess, reply.Body);
        await using (DimseSender sender =
            await DimseSender.ConnectAsync(cluster.DimsePort, [(TestInstance.SecondaryCapture, Syntax.ExplicitLittle)]))
        {
            CStoreResponse stored =
                await sender.StoreAsync(TestInstance.SecondaryCapture, overDimse.Path.Sop, Syntax.ExplicitLittle, overDimse.ToDataSet());
            Assert.Equal(DimseStatus.Success, stored.Status);
        }

        foreach (LoadInstance instance in (LoadInstance[])[overHttp, overDimse])
        {
            Assert.Single(await second.FindAsync(instance.Path));
            Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(await second.RetrieveAsync(instance.Path)).ToArray());
        }

        FeedConsumer feed = new();
        JsonObject revision = await feed.NextRevisionAsync(second);
        await feed.RunUntilQuietAsync(second);
        Assert.Empty(feed.Faults);
        Assert.Single(feed.Revisions);
        Assert.Equal(0, revision["revision"]!.GetValue<int>());
        Assert.Equal(2, revision["changeSet"]!["additions"]!.AsArray().Count);

        await DeliveredAsync(sink, feed);
        JsonNode known = JsonNode.Parse(await bindings.GetStringAsync("bindings"))!["bindings"]!.AsArray().Single()!;
        Assert.Equal("webhook", known["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await bindings.GetAsync("dicom-web/studies")).StatusCode);

        foreach (ClusterProcess process in cluster.Processes.Reverse())
        {
            Assert.Equal(0, await process.StopAsync());
        }
    }

    private static async Task DeliveredAsync(EventReceiver sink, FeedConsumer feed)
    {
        string[] ids = [.. feed.Events.Select(row => row["id"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
        using CancellationTokenSource late = new(TestTimeout);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        while (sink.Received.Count < ids.Length)
        {
            await pause.WaitForNextTickAsync(late.Token);
        }

        Assert.Equal(ids, sink.Received.Keys.Order(StringComparer.Ordinal));
    }
}
