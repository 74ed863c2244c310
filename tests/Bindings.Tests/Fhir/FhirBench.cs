using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>A FHIR server and a target that delivers to it.</summary>
internal sealed class FhirBench : IAsyncDisposable
{
    private readonly FakeLogger<FhirTarget> _log = new();

    private FhirBench(FhirServer server, TimeSpan? idleTimeout)
    {
        Server = server;
        Target = NewTarget(idleTimeout);
    }

    public FhirServer Server { get; }

    public MemoryEventLog Events { get; } = new();

    public FhirTarget Target { get; }

    /// <summary>The log entries.</summary>
    public IReadOnlyList<string> Logged => _log.Collector.Lines();

    public static async Task<FhirBench> StartAsync(TimeSpan? idleTimeout = null)
        => new(await FhirServer.StartAsync(CancellationToken.None), idleTimeout);

    /// <summary>Creates another sender to the same server.</summary>
    public FhirTarget NewTarget(TimeSpan? idleTimeout = null, Uri? endpoint = null)
    {
        HttpTargetOptions target = new() { Endpoint = endpoint ?? Server.Endpoint, IdleTimeout = idleTimeout ?? TimeSpan.FromSeconds(30) };
        return NewTarget(new FhirBindingOptions { Target = target });
    }

    public FhirTarget NewTarget(FhirBindingOptions options)
    {
        HttpClient client = TargetHttp.CreateClient(options.Target, TimeProvider.System, _log);
        return new FhirTarget(options, client, Events, new FixedSpaces(), new AnswerMemory(), TimeProvider.System, _log);
    }

    /// <summary>Delivers a revision.</summary>
    public async Task<DeliveryResult> DeliverAsync(SampleRevision revision, FhirTarget? target = null, string provider = "default")
    {
        StudyKey study = SampleRevision.Key(revision.Study, provider);
        Events.Add(study, revision.ToEvent());
        return Assert.Single(await (target ?? Target).DeliverAsync([DeliveryOf(study, revision.Revision)], CancellationToken.None));
    }

    /// <summary>The only resource of the server.</summary>
    public JsonObject Resource() => Assert.Single(Server.Store.Current);

    public static Delivery DeliveryOf(StudyKey study, int? revision) => new()
    {
        Id = 1,
        Token = 1,
        Binding = "fhir",
        Type = EventType.StudyRevision,
        Study = study,
        Revision = revision,
        Sequence = 1,
        Attempts = 0,
    };

    public static int RevisionOf(JsonObject resource) => (int)resource["extension"]!.AsArray().Single(
        extension => (string?)extension!["url"] == FhirNames.Revision)!["valueUnsignedInt"]!;

    public static string VersionOf(JsonObject resource) => (string)resource["meta"]!["versionId"]!;

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        await Server.DisposeAsync();
    }
}
