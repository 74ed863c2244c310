using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CloudNative.CloudEvents;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>A study that settles reaches a FHIR server and a webhook, from a server process with its own store.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class RevisionBindingTests
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_study_in_two_halves_is_one_ImagingStudy_in_version_two_and_entered_in_error_when_it_is_deleted()
    {
        await using FhirServer fhir = await FhirServer.StartAsync(CancellationToken.None);
        using TemporaryFolder folder = new();
        await using Server server = await StartAsync(folder.Path, $"FHIR_ENDPOINT={fhir.Endpoint}");
        TestInstance[] study = Study("two halves", 6);

        await StoreAsync(server, study[..3]);
        await fhir.WaitForAsync(one => Shows(one, 0), TestTimeout);
        await StoreAsync(server, study[3..]);
        await fhir.WaitForAsync(one => Shows(one, 1), TestTimeout);

        JsonObject resource = Assert.Single(fhir.Store.Current);
        Assert.Equal("2", (string?)resource["meta"]!["versionId"]);
        Assert.Equal(6, (int)resource["numberOfInstances"]!);
        Assert.Equal("TD-1", (string?)resource["subject"]!["identifier"]!["value"]);
        Assert.Equal($"{server.Root}wado-rs", (string?)resource["contained"]![0]!["address"]);

        using HttpResponseMessage deleted = await server.Client.DeleteAsync($"dicom-web/studies/{study[0].StudyUid}");
        Assert.True(deleted.IsSuccessStatusCode);
        await fhir.WaitForAsync(one => Shows(one, 2), TestTimeout);
        Assert.Equal("entered-in-error", (string?)Assert.Single(fhir.Store.Current)["status"]);
    }

    [Fact]
    public async Task A_FHIR_server_that_answers_503_five_times_gets_the_revision_at_the_sixth()
    {
        await using FhirServer fhir = await FhirServer.StartAsync(CancellationToken.None);
        using TemporaryFolder folder = new();
        await using Server server = await StartAsync(
            folder.Path, $"FHIR_ENDPOINT={fhir.Endpoint}", "BINDING_RETRY_FIRST_DELAY=0.02s", "BINDING_RETRY_FIRST_BREAK=0.02s");
        fhir.Fail([.. Enumerable.Repeat(new FhirFault { Method = "POST", Status = 503 }, 5)]);

        await StoreAsync(server, Study("five times", 1));
        await fhir.WaitForAsync(one => Shows(one, 0), TestTimeout);

        Assert.Equal(
            [503, 503, 503, 503, 503, 201],
            fhir.Exchanges.Where(exchange => exchange.Method == "POST").Select(exchange => exchange.Status));
        Assert.Single(fhir.Store.Current);
    }

    [Fact]
    public async Task A_subscriber_hears_of_each_instance_and_revision_in_order_and_again_with_the_same_id()
    {
        await using EventSubscriber subscriber = await EventSubscriber.StartAsync(CancellationToken.None);
        subscriber.Refuse(503);
        using TemporaryFolder folder = new();
        await using Server server = await StartAsync(
            folder.Path,
            $"WEBHOOK_ENDPOINT={subscriber.Endpoint}",
            "BINDING_RETRY_FIRST_DELAY=0.02s",
            "IMAGING__GRAINS__REVISIONINGDELAY=2s");
        TestInstance instance = Study("webhook", 1)[0];

        await StoreAsync(server, [instance]);
        IReadOnlyList<ReceivedEvent> events = await subscriber.TakeAsync(4, TestTimeout);

        Assert.Equal(["ImageStoredEvent", "ImageStoredEvent", "DicomAvailableEvent", "StudyRevisionEvent"], events.Select(one => one.Type));
        Assert.Equal(3, events.Select(one => one.Id).Distinct().Count());
        Assert.Equal(events[0].Id, events[1].Id);
        Assert.Equal(
            [$"{instance.StudyUid}/{instance.SeriesUid}/{instance.SopUid}", instance.StudyUid], events.Skip(2).Select(one => one.Subject));
        Assert.Equal(0, (int)events[3].Data["revision"]!);
        Assert.Equal($"{instance.SeriesUid}/{instance.SopUid}", (string?)events[3].Data["changeSet"]!["additions"]![0]);
        using HttpResponseMessage retrieved = await server.Client.GetAsync((string?)events[2].Data["endpoint"]);
        Assert.True(retrieved.IsSuccessStatusCode);
    }

    private static bool Shows(FhirServer server, int revision)
        => server.Store.Current is [JsonObject resource] && (int)resource["extension"]![0]!["valueUnsignedInt"]! == revision;

    private static Task<Server> StartAsync(string data, params string[] environment)
        => Server.StartAsync(
            data, ["env", "IMAGING__GRAINS__REVISIONINGDELAY=0.3s", "IMAGING__REVISIONS__POLLINTERVAL=0.1s", .. environment]);

    private static TestInstance[] Study(string name, int count)
        => [.. Enumerable.Range(1, count).Select(number => new TestInstance(
            $"{name} {number}") { StudyUid = TestUid.Create("study " + name), SeriesUid = TestUid.Create("series " + name) })];

    private static async Task StoreAsync(Server server, IEnumerable<TestInstance> instances)
    {
        StowReply reply = await server.Client.StoreAllAsync(instances.Select(instance => (ReadOnlyMemory<byte>)instance.ToPart10()));
        Assert.Equal(200, reply.Status);
    }
}

/// <summary>An event that a subscriber received.</summary>
internal sealed record ReceivedEvent(string Id, string Type, string Subject, JsonNode Data);

/// <summary>Takes CloudEvents in binary mode over HTTP.</summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    private readonly Channel<ReceivedEvent> _received = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly ConcurrentQueue<int> _refusals = new();
    private LoopbackServer? _server;

    private EventSubscriber()
    {
    }

    public Uri Endpoint => new($"{_server!.Root}/events");

    public static async Task<EventSubscriber> StartAsync(CancellationToken cancellationToken)
    {
        EventSubscriber subscriber = new();
        subscriber._server = await LoopbackServer.StartAsync(subscriber.TakeAsync, cancellationToken);
        return subscriber;
    }

    /// <summary>Answers the next requests with these statuses.</summary>
    public void Refuse(params int[] statuses)
    {
        foreach (int status in statuses)
        {
            _refusals.Enqueue(status);
        }
    }

    /// <summary>Returns the next requests as they came, refused ones included.</summary>
    public async Task<IReadOnlyList<ReceivedEvent>> TakeAsync(int count, TimeSpan timeout)
    {
        using CancellationTokenSource deadline = new(timeout);
        List<ReceivedEvent> events = [];
        while (events.Count < count)
        {
            events.Add(await _received.Reader.ReadAsync(deadline.Token));
        }

        return events;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        CloudEvent read = await CloudEventReader.ReadAsync(context.Request);
        JsonNode data = JsonNode.Parse(((JsonElement)read.Data!).GetRawText())!;
        context.Response.StatusCode = _refusals.TryDequeue(out int status) ? status : StatusCodes.Status202Accepted;
        await _received.Writer.WriteAsync(new ReceivedEvent(read.Id!, read.Type!, read.Subject!, data), context.RequestAborted);
    }
}
