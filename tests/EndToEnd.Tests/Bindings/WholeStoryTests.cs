using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>The way of a large study from its sender to an archive, a FHIR server and a reader of the change feed.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class WholeStoryTests : IDisposable
{
    private const int Half = 250;
    private const int PerRequest = 50;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    [ToolFact(Tools.Orthanc)]
    public async Task Five_hundred_instances_in_two_halves_reach_the_archive_the_FHIR_server_and_the_feed()
    {
        await using OrthancServer orthanc = await OrthancServer.StartAsync(_folder.Sub("orthanc"), new Uri("http://127.0.0.1:9/"));
        await using FhirServer fhir = await FhirServer.StartAsync(CancellationToken.None);
        await using Server server = await Server.StartAsync(
            _folder.Sub("source"),
            [
                "env",
                "IMAGING__GRAINS__REVISIONINGDELAY=3s",
                $"STOW_ENDPOINT={new Uri(orthanc.Client.BaseAddress!, "dicom-web/studies")}",
                $"FHIR_ENDPOINT={fhir.Endpoint}"
            ]);
        TestInstance[] study = [.. Enumerable.Range(1, 2 * Half).Select(number => new TestInstance(
            $"story {number}") { StudyUid = TestUid.Create("story"), SeriesUid = TestUid.Create("story series") })];

        await StoreAsync(server, study[..Half]);
        await fhir.WaitForAsync(one => Revision(one) == 0, TestTimeout);
        await StoreAsync(server, study[Half..]);
        await fhir.WaitForAsync(one => Revision(one) == 1, TestTimeout);
        Assert.Equal(0, await server.WaitUntilDeliveredAsync("stow"));

        JsonArray held = (await orthanc.Client.GetFromJsonAsync<JsonArray>("instances"))!;
        Assert.Equal(2 * Half, held.Count);
        JsonObject resource = Assert.Single(fhir.Store.Current);
        Assert.Equal("2", (string?)resource["meta"]!["versionId"]);
        Assert.Equal(2 * Half, (int)resource["numberOfInstances"]!);
        AssertStory(await ReadFeedAsync(server.Client), study);
    }

    public void Dispose() => _folder.Dispose();

    private static int? Revision(FhirServer server)
        => server.Store.Current is [JsonObject resource] ? (int)resource["extension"]![0]!["valueUnsignedInt"]! : null;

    private static async Task StoreAsync(Server server, TestInstance[] instances)
    {
        foreach (TestInstance[] some in instances.Chunk(PerRequest))
        {
            StowReply reply = await server.Client.StoreAllAsync(some.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()));
            Assert.Equal(200, reply.Status);
        }
    }

    private static async Task<List<JsonNode>> ReadFeedAsync(HttpClient client)
    {
        List<JsonNode> events = [];
        long next = 0;
        long latest;
        do
        {
            JsonNode page = (await client.GetFromJsonAsync<JsonNode>($"changefeed?after={next}&limit=300"))!;
            events.AddRange(page["events"]!.AsArray().Select(one => one!));
            next = (long)page["next"]!;
            latest = (long)page["latest"]!;
        }
        while (next < latest);

        return events;
    }

    private static IEnumerable<string> InOrder(IEnumerable<TestInstance> half)
        => half.Select(instance => instance.SopUid).Order(StringComparer.Ordinal);

    /// <summary>Checks that no number is missing.</summary>
    /// <remarks>
    /// Each instance comes once as stored and once as available, and each half comes before its revision. Instances of one request come in
    /// any order.
    /// </remarks>
    private static void AssertStory(List<JsonNode> events, TestInstance[] study)
    {
        Assert.Equal(Enumerable.Range(1, (4 * Half) + 2).Select(number => (long)number), events.Select(one => (long)one["sequence"]!));
        string[] types = [.. events.Select(one => (string)one["type"]!)];
        Assert.All([2 * Half, (4 * Half) + 1], index => Assert.Equal("StudyRevisionEvent", types[index]));
        Assert.Equal(2 * Half, types.Count(type => type == "ImageStoredEvent"));
        string[] available = [.. events.Where(one => (string)one["type"]! == "DicomAvailableEvent").Select(
            one => ((string)one["data"]!["endpoint"]!).Split('/')[^1])];
        Assert.Equal(study.Chunk(Half).SelectMany(InOrder), available.Chunk(Half).SelectMany(half => half.Order(StringComparer.Ordinal)));
        JsonNode[] revisions = [.. events.Where(one => (string)one["type"]! == "StudyRevisionEvent").Select(one => one["data"]!)];
        Assert.Equal([0, 1], revisions.Select(revision => (int)revision["revision"]!));
        foreach ((JsonNode revision, TestInstance[] half) in revisions.Zip(study.Chunk(Half)))
        {
            Assert.Equal(
                half.Select(instance => $"{instance.SeriesUid}/{instance.SopUid}").Order(StringComparer.Ordinal),
                revision["changeSet"]!["additions"]!.AsArray().Select(one => (string)one!).Order(StringComparer.Ordinal));
        }
    }
}
