using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.BadInput;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Revisions;

public sealed class RevisionStoryTests
{
    private static readonly TestInstance[] Instances = [.. Enumerable.Range(0, 12).Select(number => new TestInstance("story " + number)
    {
        StudyUid = TestUid.Create("study story"),
        SeriesUid = TestUid.Create("series story " + (number % 2)),
    })];

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Two_halves_make_two_revisions_and_each_deletion_one_more()
    {
        using TemporaryFolder folder = new();
        await using Server server = await RevisionServer.StartAsync(folder.Sub("data"));
        FeedConsumer feed = new();

        await StoreAsync(server, Instances[..6]);
        AssertChanges(await feed.NextRevisionAsync(server.Client), 0, "additions", Instances[..6]);
        await StoreAsync(server, Instances[6..]);
        JsonObject whole = await feed.NextRevisionAsync(server.Client);
        AssertChanges(whole, 1, "additions", Instances[6..]);
        Assert.Equal(Instances.Length, whole["study"]!["series"]!.AsArray().Sum(series => series!["instances"]!.AsArray().Count));

        await StoreAsync(server, Instances);
        Assert.Equal(0, await feed.ReadAsync(server.Client, "1.5s"));

        await DeleteAsync(server, $"/series/{Instances[0].SeriesUid}/instances/{Instances[0].SopUid}");
        AssertChanges(await feed.NextRevisionAsync(server.Client), 2, "deletions", Instances[0]);
        await DeleteAsync(server, $"/series/{Instances[0].SeriesUid}");
        AssertChanges(
            await feed.NextRevisionAsync(server.Client),
            3,
            "deletions",
            [.. Instances[1..].Where(instance => instance.SeriesUid == Instances[0].SeriesUid)]);
        await DeleteAsync(server, "");
        JsonObject gone = await feed.NextRevisionAsync(server.Client);
        AssertChanges(gone, 4, "deletions", [.. Instances.Where(instance => instance.SeriesUid == Instances[1].SeriesUid)]);
        Assert.Empty(gone["study"]!["series"]!.AsArray());
        Assert.Empty(feed.Faults);
    }

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Other_content_is_a_modification_in_the_next_revision()
    {
        using TemporaryFolder folder = new();
        await using Server server = await RevisionServer.StartAsync(folder.Sub("data"));
        FeedConsumer feed = new();
        await StoreAsync(server, Instances[..2]);
        await feed.NextRevisionAsync(server.Client);

        await StoreAsync(server, Instances[0] with { PatientId = "other" });

        AssertChanges(await feed.NextRevisionAsync(server.Client), 1, "modifications", Instances[0]);
    }

    [ToolFact(Tools.Pydicom)]
    public async Task A_database_that_another_program_locks_delays_a_revision_and_loses_none()
    {
        using TemporaryFolder folder = new();
        await using Server server = await RevisionServer.StartAsync(folder.Sub("data"));
        FeedConsumer feed = new();
        await StoreAsync(server, Instances[0]);
        await feed.ReadAsync(server.Client, "5s");
        Assert.Empty(feed.Revisions);

        await using (await DatabaseLock.TakeAsync(Path.Combine(folder.Sub("data"), "manifest.db")))
        {
            using PeriodicTimer outage = new(TimeSpan.FromSeconds(4));
            await outage.WaitForNextTickAsync();
        }

        AssertChanges(await feed.NextRevisionAsync(server.Client), 0, "additions", Instances[0]);
        Assert.Equal(0, await feed.ReadAsync(server.Client, "2s"));
        Assert.Empty(feed.Faults);
    }

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task A_clean_stop_leaves_open_revisions_to_the_next_start()
    {
        using TemporaryFolder folder = new();
        FeedConsumer feed = new();
        await using (Server first = await Server.StartAsync(folder.Sub("data"), ["env", "REVISIONING_DELAY=3"]))
        {
            await StoreAsync(first, Instances);
            Assert.Equal(0, await first.StopAsync());
        }

        await using Server next = await RevisionServer.StartAsync(folder.Sub("data"));

        AssertChanges(await feed.NextRevisionAsync(next.Client), 0, "additions", Instances);
        Assert.Empty(feed.Faults);
    }

    private static async Task StoreAsync(Server server, params TestInstance[] instances)
    {
        StowReply reply = await server.Client.StoreAllAsync(instances.Select(instance => new ReadOnlyMemory<byte>(instance.ToPart10())));
        Assert.True(reply.IsSuccess, $"{reply.Status} {reply.Body}");
    }

    private static async Task DeleteAsync(Server server, string below)
    {
        using HttpResponseMessage response = await server.Client.DeleteAsync($"dicom-web/studies/{Instances[0].StudyUid}{below}");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static void AssertChanges(JsonObject revision, int number, string list, params TestInstance[] instances)
    {
        Assert.Equal(number, revision["revision"]!.GetValue<int>());
        foreach (string each in new[] { "additions", "modifications", "deletions" })
        {
            Assert.Equal(
                each == list ? instances.Select(instance => $"{instance.SeriesUid}/{instance.SopUid}").Order(StringComparer.Ordinal) : [],
                revision["changeSet"]![each]!.AsArray().Select(row => row!.GetValue<string>()).Order(StringComparer.Ordinal));
        }
    }
}
