using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>
/// Objects are lost in the folder or in the bucket, and senders send again: "we have it already" is true when it is said.
/// </summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class RepairTests : IDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Dcmtk)]
    public async Task What_is_sent_again_over_STOW_RS_and_DIMSE_takes_the_place_of_what_was_lost_without_an_event()
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"));
        foreach (string loss in (string[])["removed", "cut", "flipped"])
        {
            foreach (string way in (string[])["STOW-RS", "C-STORE"])
            {
                TestInstance instance = Instance($"{loss} {way}");
                StoredPath path = Assert.Single((await server.Client.StoreAsync(instance.ToPart10())).Stored);
                await LoseAsync(server, instance, loss);
                Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(server, path));

                await SendAgainAsync(server, instance, way);

                AssertSame(instance, await server.Client.RetrieveAsync(path));
                await server.Output.WaitForAsync(
                    new Regex($"Repaired instance {Regex.Escape(instance.SopUid)} ", RegexOptions.CultureInvariant), TestTimeout);
                Assert.Equal(1, await CountEventsAsync(server, instance));
            }
        }
    }

    [Theory]
    [InlineData("keep-first")]
    [InlineData("reject")]
    public async Task Whatever_the_policy_other_content_takes_the_place_of_what_is_lost_as_a_modification(string policy)
    {
        await using Server server = await Server.StartAsync(_folder.Sub("data"), ["env", $"IMAGING__INGEST__DUPLICATEPOLICY={policy}"]);
        TestInstance kept = Instance("kept");
        TestInstance removed = Instance("removed");
        TestInstance cut = Instance("cut");
        Assert.True((await server.Client.StoreAllAsync(
            new[] { kept, removed, cut }.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);
        await server.Stores.RemoveAsync(removed.SopUid);
        await server.Stores.CutAsync(cut.SopUid);

        TestInstance[] others =
        [
            kept with { PixelData = new byte[60_000] },
            removed with { PixelData = new byte[60_000] },
            cut with { TransferSyntaxUid = Syntax.ImplicitLittle }
        ];
        int[] statuses = [.. await Task.WhenAll(others.Select(async other => (await server.Client.StoreAsync(other.ToPart10())).Status))];

        Assert.Equal([policy == "reject" ? 409 : 200, 200, 200], statuses.Select(status => status == 202 ? 200 : status));
        AssertSame(kept, await server.Client.RetrieveAsync(PathOf(kept)));
        AssertSame(others[1], await server.Client.RetrieveAsync(PathOf(removed)));
        AssertSame(others[2], await server.Client.RetrieveAsync(PathOf(cut)));
        Assert.Equal(1, await CountEventsAsync(server, kept));
        Assert.Equal(2, await CountEventsAsync(server, removed));
        Assert.Equal(2, await CountEventsAsync(server, cut));
    }

    [Fact]
    public async Task A_server_that_is_killed_among_repairs_has_every_instance_that_it_acknowledged()
    {
        TestInstance[] instances = [.. Enumerable.Range(0, 120).Select(
            number => Instance($"killed {number}") with { StudyUid = TestUid.Create($"killed study {number % 7}") })];
        TestInstance[] acknowledged;
        await using (Server server = await Server.StartAsync(_folder.Sub("data")))
        {
            Assert.True(
                (await server.Client.StoreAllAsync(instances.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);
            await server.Stores.RemoveAllAsync();
            acknowledged = await SendUntilKilledAsync(server, instances, count: 40);
        }

        await using Server again = await Server.StartAsync(_folder.Sub("data"));
        foreach (TestInstance instance in acknowledged)
        {
            AssertSame(instance, await again.Client.RetrieveAsync(PathOf(instance)));
        }

        Assert.True((await again.Client.StoreAllAsync(instances.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()))).IsSuccess);
        foreach (TestInstance instance in instances)
        {
            AssertSame(instance, await again.Client.RetrieveAsync(PathOf(instance)));
        }

        Assert.Equal(1, await CountEventsAsync(again, instances[0]));
    }

    private static TestInstance Instance(string name)
    {
        byte[] pixels = new byte[60_000];
        new Random(name.Length).NextBytes(pixels);
        return new TestInstance("repair " + name) { Rows = 200, Columns = 300, PixelData = pixels };
    }

    private static StoredPath PathOf(TestInstance instance) => new(instance.StudyUid, instance.SeriesUid, instance.SopUid);

    private static void AssertSame(TestInstance sent, byte[] got)
        => Assert.True(Part10Split.DataSet(got).SequenceEqual(sent.ToDataSet()), $"{sent.SopUid} did not come back as it was sent");

    private static async Task<HttpStatusCode> StatusAsync(Server server, StoredPath path)
    {
        using HttpResponseMessage response = await server.Client.GetStoredAsync(path);
        return response.StatusCode;
    }

    private static Task LoseAsync(Server server, TestInstance instance, string loss) => loss switch
    {
        "removed" => server.Stores.RemoveAsync(instance.SopUid),
        "cut" => server.Stores.CutAsync(instance.SopUid),
        _ => server.Stores.FlipAsync(instance.SopUid),
    };

    private async Task SendAgainAsync(Server server, TestInstance instance, string way)
    {
        if (way == "STOW-RS")
        {
            StowReply reply = await server.Client.StoreAsync(instance.ToPart10());
            Assert.True(reply.Status == 200, reply.Body);
            return;
        }

        string file = Path.Combine(Directory.CreateDirectory(_folder.Sub("files")).FullName, instance.SopUid + ".dcm");
        await File.WriteAllBytesAsync(file, instance.ToPart10());
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            "storescu",
            ["-v", "-R", "-aec", "DICOM-INGEST", "127.0.0.1", server.DimsePort.ToString(CultureInfo.InvariantCulture), file],
            "",
            TestTimeout);
        Assert.True(exitCode == 0, output + error);
    }

    /// <summary>Sends on four connections; returns the acknowledged instances.</summary>
    private static async Task<TestInstance[]> SendUntilKilledAsync(Server server, TestInstance[] instances, int count)
    {
        List<TestInstance> acknowledged = [];
        TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] senders = [.. instances.Chunk((instances.Length + 3) / 4).Select(async part =>
        {
            try
            {
                foreach (TestInstance instance in part)
                {
                    if ((await server.Client.StoreAsync(instance.ToPart10())).Status != 200)
                    {
                        continue;
                    }

                    lock (acknowledged)
                    {
                        acknowledged.Add(instance);
                        if (acknowledged.Count == count)
                        {
                            enough.SetResult();
                        }
                    }
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                // The server is gone.
            }
        })];
        await enough.Task.WaitAsync(TestTimeout);
        await server.KillAsync();
        await Task.WhenAll(senders);
        return [.. acknowledged];
    }

    /// <summary>Counts the events of the stored instance. A later event shows that all before it are numbered.</summary>
    private static async Task<int> CountEventsAsync(Server server, TestInstance instance)
    {
        TestInstance last = Instance($"last {Guid.NewGuid()}");
        Assert.True((await server.Client.StoreAsync(last.ToPart10())).IsSuccess);
        int count = 0;
        for (long after = 0; ;)
        {
            JsonArray events = JsonNode.Parse(await server.Client.GetStringAsync(
                $"changefeed?after={after}&limit=200&wait=10s&types=ImageStoredEvent"))!["events"]!.AsArray();
            foreach (JsonNode? row in events)
            {
                after = row!["sequence"]!.GetValue<long>();
                string text = row.ToJsonString();
                count += text.Contains(instance.SopUid, StringComparison.Ordinal) ? 1 : 0;
                if (text.Contains(last.SopUid, StringComparison.Ordinal))
                {
                    return count;
                }
            }
        }
    }
}
