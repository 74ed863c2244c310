using System.Net;
using System.Text.Json.Nodes;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The shortest way through a whole server: the one end-to-end test of <c>./test --quick</c>.</summary>
[Collection(RunningServer.Collection)]
public sealed class SmokeTests(RunningServer server)
{
    [Fact]
    public async Task What_comes_by_STOW_RS_and_by_C_STORE_is_found_told_of_retrieved_and_deleted()
    {
        TestInstance posted = new("smoke posted") { PixelData = new byte[16] };
        TestInstance sent = new("smoke sent") { PixelData = new byte[16] };
        long begin = JsonNode.Parse(await server.Client.GetStringAsync("changefeed/latest"))!["latest"]!.GetValue<long>();

        StowReply reply = await server.Client.StoreAsync(posted.ToPart10());
        await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(sent.SopClassUid, sent.TransferSyntaxUid)]);
        CStoreResponse response = await sender.StoreAsync(sent.SopClassUid, sent.SopUid, sent.TransferSyntaxUid, sent.ToDataSet());

        Assert.True(reply.IsSuccess, reply.Body);
        Assert.Equal(DimseStatus.Success, response.Status);
        foreach (TestInstance instance in (TestInstance[])[posted, sent])
        {
            StoredPath path = new(instance.StudyUid, instance.SeriesUid, instance.SopUid);
            Assert.Single(await server.Client.FindAsync(path));
            Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(await server.Client.RetrieveAsync(path)).ToArray());
            await HeardAsync(begin, instance);
            Assert.Equal(HttpStatusCode.NoContent, await server.Client.DeleteAsync(path));
            Assert.Empty(await server.Client.FindAsync(path));
        }
    }

    /// <summary>Reads the events behind a number until one of them names the instance.</summary>
    private async Task HeardAsync(long after, TestInstance instance)
    {
        string page;
        do
        {
            page = await server.Client.GetStringAsync($"changefeed?after={after}&wait=10s");
            after = JsonNode.Parse(page)!["next"]!.GetValue<long>();
        }
        while (!page.Contains(instance.SopUid, StringComparison.Ordinal));
    }
}
