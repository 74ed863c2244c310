using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.Cluster.Tests.Processes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Spaces;

/// <summary>The same UIDs with other content in two storage spaces of one cluster.</summary>
public sealed class StorageSpaceTests
{
    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task The_same_UIDs_in_two_spaces_stay_apart_in_every_query_and_retrieve()
    {
        await using ClusterServers servers = await ClusterServers.ShareAsync();
        await using TestCluster cluster =
            await TestCluster.StartAsync(servers, new Dictionary<string, string> { ["WEBHOOK_ENDPOINT"] = "http://127.0.0.1:1/" });
        (ClusterProcess gateway, Uri root) = cluster.AddSpace("other");
        await gateway.StartAsync();
        using HttpClient here = new() { BaseAddress = cluster.Roots[0] };
        using HttpClient there = new() { BaseAddress = root };
        TestInstance ours = new("spaces") { PatientId = "HERE", PixelData = [1, 2, 3, 4] };
        TestInstance theirs = new("spaces")
        {
            StudyUid = ours.StudyUid,
            SeriesUid = ours.SeriesUid,
            SopUid = ours.SopUid,
            PatientId = "THERE",
            PixelData = [5, 6, 7, 8]
        };
        StoredPath path = new(ours.StudyUid, ours.SeriesUid, ours.SopUid);

        Assert.True((await here.StoreAsync(ours.ToPart10())).IsSuccess);
        Assert.Empty(await there.SearchAsync("studies"));
        Assert.Equal(HttpStatusCode.NotFound, (await there.GetStoredAsync(path)).StatusCode);
        Assert.True((await there.StoreAsync(theirs.ToPart10())).IsSuccess);

        foreach ((HttpClient client, TestInstance own, TestInstance foreign) in new[] { (here, ours, theirs), (there, theirs, ours) })
        {
            Assert.Equal(own.ToDataSet(), Part10Split.DataSet(await client.RetrieveAsync(path)).ToArray());
            Assert.Equal([own.PatientId], PatientIds(await client.SearchAsync("studies")));
            Assert.Equal([own.PatientId], PatientIds(await client.SearchAsync($"studies?PatientID={own.PatientId}")));
            Assert.Empty(await client.SearchAsync($"studies?PatientID={foreign.PatientId}"));
            Assert.Single(await client.FindAsync(path));
            Assert.Contains(
                own.PatientId, await client.GetStringAsync($"dicom-web/studies/{path.Study}/metadata"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NoContent, await there.DeleteAsync(path));
        Assert.Empty(await there.SearchAsync("studies"));
        Assert.Equal(ours.ToDataSet(), Part10Split.DataSet(await here.RetrieveAsync(path)).ToArray());
    }

    /// <summary>The binding serves both spaces: it must not confuse their instances.</summary>
    [ToolFact(Tools.Postgres, Tools.Rgw)]
    public async Task A_binding_hands_on_what_its_own_storage_space_holds()
    {
        using TemporaryFolder folder = new();
        int port = FreePort.Take();
        await using ClusterProcess archive = TestCluster.MakeAllInOne("archive", port, folder.Path);
        await archive.StartAsync();
        await using ClusterServers servers = await ClusterServers.ShareAsync();
        int otherPort = FreePort.Take();
        await using TestCluster cluster = await TestCluster.StartAsync(servers, new Dictionary<string, string>
        {
            ["STOW_ENDPOINT"] = $"http://127.0.0.1:{port}/dicom-web/studies",
            ["WADO_ENDPOINTS"] = $"other=http://127.0.0.1:{otherPort}/wado-rs",
        });
        (ClusterProcess gateway, Uri root) = cluster.AddSpace("other", otherPort);
        await gateway.StartAsync();
        using HttpClient here = new() { BaseAddress = cluster.Roots[0] };
        using HttpClient there = new() { BaseAddress = root };
        using HttpClient target = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        TestInstance ours = new("handed on") { PatientId = "HERE", PixelData = [1, 2, 3, 4] };
        TestInstance theirs = ours with { PatientId = "THERE", PixelData = [5, 6, 7, 8] };
        TestInstance alone = new("only there") { PatientId = "ALONE", PixelData = [9, 9] };
        Assert.True((await here.StoreAsync(ours.ToPart10())).IsSuccess);
        await ArrivesAsync(target, ours);

        Assert.True((await there.StoreAllAsync([theirs.ToPart10(), alone.ToPart10()])).IsSuccess);

        await ArrivesAsync(target, alone);
        await ArrivesAsync(target, theirs);
    }

    /// <summary>Waits until the archive holds the instance as it was sent.</summary>
    private static Task ArrivesAsync(HttpClient archive, TestInstance instance)
        => Poll.UntilAsync(TimeSpan.FromMinutes(1), () => HoldsAsync(archive, instance));

    private static async Task<bool> HoldsAsync(HttpClient archive, TestInstance instance)
    {
        using HttpResponseMessage stored =
            await archive.GetStoredAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid));
        return stored.IsSuccessStatusCode
            && Part10Split.DataSet(await stored.Content.ReadAsByteArrayAsync()).SequenceEqual(instance.ToDataSet());
    }

    private static IEnumerable<string> PatientIds(JsonArray rows) => rows.Select(row => row!["00100020"]!["Value"]![0]!.GetValue<string>());
}
