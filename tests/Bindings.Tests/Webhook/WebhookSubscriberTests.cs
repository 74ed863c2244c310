using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Webhook;

/// <summary>A subscriber in Node takes events with the CloudEvents SDK and checks their signatures.</summary>
public sealed class WebhookSubscriberTests
{
    [ToolTheory(Tools.Node, Tools.NodeModules)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_CloudEvents_SDK_reads_every_event(bool isStructured)
    {
        await using NodeSubscriber subscriber = await NodeSubscriber.StartAsync(WebhookBench.Key, "202");
        await using WebhookBench bench = new(subscriber.Endpoint, isStructured);

        foreach (LoggedEvent logged in new[] { WebhookBench.ImageStored, WebhookBench.DicomAvailable, WebhookBench.Revision() })
        {
            Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(logged)).Outcome);
            JsonNode got = await subscriber.NextAsync();

            Assert.Null((string?)got["error"]);
            JsonNode read = got["event"]!;
            Assert.Equal(
                [
                    "1.0",
                    $"log7-{logged.Sequence}",
                    "https://images.example.org/ingestion",
                    logged.Content.Type.Name(),
                    "2026-01-02T03:04:05.678Z",
                    "default",
                    $"00000000000000000{logged.Sequence}"
                ],
                new[] { "specversion", "id", "source", "type", "time", "provider", "sequence" }.Select(name => (string?)read[name]));
            Assert.Equal(logged.Content.Type == EventType.StudyRevision ? "1.2.3" : "1.2.3/1.2.3.1/1.2.3.1.1", (string?)read["subject"]);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(EventData.Render(logged, new FixedSpaces())), read["data"]));
            Assert.Equal(isStructured, got["headers"]!["ce-id"] is null);
        }
    }

    [ToolTheory(Tools.Node, Tools.NodeModules)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signature_fits_one_body_and_its_headers_only(bool isStructured)
    {
        await using NodeSubscriber subscriber = await NodeSubscriber.StartAsync(WebhookBench.Key, "200");
        await using WebhookBench bench = new(subscriber.Endpoint, isStructured, source: "/a b\"%é");

        await bench.DeliverAsync(WebhookBench.ImageStored);
        JsonNode got = await subscriber.NextAsync();

        Assert.True((bool)got["signed"]!);
        Assert.All(["signedWithOtherHeader", "signedWithOtherBody", "signedWithOtherKey"], name => Assert.False((bool)got[name]!));
        Assert.Equal(isStructured ? null : "/a%20b%22%25%C3%A9", (string?)got["headers"]!["ce-source"]);
    }

    [ToolTheory(Tools.Node, Tools.NodeModules)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_is_tried_again_keeps_its_id(bool isStructured)
    {
        await using NodeSubscriber subscriber = await NodeSubscriber.StartAsync(WebhookBench.Key, "503", "500", "200");
        await using WebhookBench bench = new(subscriber.Endpoint, isStructured);
        List<DeliveryResult> results = [];
        HashSet<string> events = [];

        for (int attempt = 0; attempt < 3; attempt++)
        {
            results.Add(await bench.DeliverAsync(WebhookBench.ImageStored));
            events.Add((await subscriber.NextAsync())["event"]!.ToJsonString());
        }

        Assert.Equal([DeliveryOutcome.Retry, DeliveryOutcome.Retry, DeliveryOutcome.Delivered], results.Select(result => result.Outcome));
        Assert.Single(events);
    }

    [ToolTheory(Tools.Node, Tools.NodeModules)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_revision_of_many_instances_arrives_whole(bool isStructured)
    {
        await using NodeSubscriber subscriber = await NodeSubscriber.StartAsync(WebhookBench.Key, "200");
        await using WebhookBench bench = new(subscriber.Endpoint, isStructured);

        await bench.DeliverAsync(WebhookBench.Revision(instances: 20_000));
        JsonNode got = await subscriber.NextAsync();

        Assert.True((bool)got["signed"]!);
        Assert.Equal(20_000, got["event"]!["data"]!["study"]!["series"]![0]!["instances"]!.AsArray().Count);
    }

    [Fact]
    public void The_example_of_the_documentation_is_the_one_that_these_tests_run()
    {
        string script = File.ReadAllText(Path.Combine(NodeSubscriber.ScriptFolder, "verify.cjs"), Encoding.UTF8);
        string page = File.ReadAllText(Path.Combine(NodeSubscriber.ScriptFolder, "../../../docs/webhooks.md"), Encoding.UTF8);

        Assert.Contains(script, page, StringComparison.Ordinal);
    }
}

/// <summary>A subscriber in Node, with the CloudEvents SDK.</summary>
internal sealed class NodeSubscriber : IAsyncDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private NodeSubscriber(Process process) => _process = process;

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    public static string ScriptFolder { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../js"));

    /// <summary>Starts it.</summary>
    /// <param name="key">The signing key that it knows.</param>
    /// <param name="statuses">Its answers in turn; the last one stays.</param>
    public static async Task<NodeSubscriber> StartAsync(string key, params string[] statuses)
    {
        ProcessStartInfo start = new("node", [Path.Combine(ScriptFolder, "receiver.cjs"), key, .. statuses])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true
        };
        NodeSubscriber subscriber = new(Process.Start(start)!);
        JsonNode first = await subscriber.NextAsync();
        subscriber.Endpoint = new Uri($"http://127.0.0.1:{(int)first["port"]!}/events");
        return subscriber;
    }

    /// <summary>Returns its next request.</summary>
    public async Task<JsonNode> NextAsync()
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        string? line = await _process.StandardOutput.ReadLineAsync(deadline.Token);
        return JsonNode.Parse(line ?? throw new InvalidOperationException("The subscriber ended."))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using CancellationTokenSource deadline = new(TestTimeout);
        await _process.WaitForExitAsync(deadline.Token);
        _process.Dispose();
    }
}
