using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Bindings.Webhook;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Bindings.Tests.Webhook;

/// <summary>A target that posts events of a log in memory.</summary>
internal sealed class WebhookBench : IAsyncDisposable
{
    public const string Key = "kéy of the test";

    public WebhookBench(
        Uri endpoint,
        bool isStructured = false,
        string source = "https://images.example.org/ingestion",
        string? key = Key,
        HttpTargetOptions? limits = null)
    {
        WebhookBindingOptions options = new() { Target = (limits ?? new HttpTargetOptions
        {
            Endpoint = endpoint,
            IdleTimeout = TimeSpan.FromSeconds(20)
        }) with { Endpoint = endpoint }, IsStructured = isStructured, SigningKey = key };
        Target = new WebhookTarget(
            options,
            TargetHttp.CreateClient(options.Target, TimeProvider.System, Log),
            Events,
            new FixedSpaces(),
            source,
            TimeProvider.System,
            Log);
    }

    public MemoryEventLog Events { get; } = new();

    public FakeLogger<WebhookTarget> Log { get; } = new();

    public WebhookTarget Target { get; }

    /// <summary>The arrival of an instance, event 41.</summary>
    public static LoggedEvent ImageStored { get; } = Logged(41, new EventDraft
    {
        Type = EventType.ImageStored,
        Instance = new InstanceId(new SeriesInstanceUid("1.2.3.1"), new SopInstanceUid("1.2.3.1.1")),
        Change = ChangeKind.Modification,
        Object = new ObjectKey("default/a.dcm"),
        Data = EventData.Pack(new EventImage("1.2.840.10008.1.2.1", [new EventElement("0010", "0010", "PN", "Müller^Jörg \"x\" 山田 100%")])),
    });

    /// <summary>The instance can be retrieved, event 42.</summary>
    public static LoggedEvent DicomAvailable { get; } = Logged(
        42, ImageStored.Content with { Type = EventType.DicomAvailable, Change = ChangeKind.Addition, Data = default });

    /// <summary>The study settled, event 43.</summary>
    public static LoggedEvent Revision(int instances = 2) => Logged(43, new EventDraft
    {
        Type = EventType.StudyRevision,
        Revision = 0,
        Data = EventData.Pack(new SampleRevision { Instances = instances }.ToEvent())
    });

    public async Task<DeliveryResult> DeliverAsync(LoggedEvent logged)
    {
        Events.Add(logged);
        Delivery delivery = new()
        {
            Id = 1,
            Token = 1,
            Binding = "hook",
            Type = logged.Content.Type,
            Study = logged.Study,
            Instance = logged.Content.Instance,
            Change = logged.Content.Change,
            Revision = logged.Content.Revision,
            Sequence = logged.Sequence,
            Attempts = 0,
        };
        return Assert.Single(await Target.DeliverAsync([delivery], CancellationToken.None));
    }

    public ValueTask DisposeAsync() => Target.DisposeAsync();

    private static LoggedEvent Logged(long sequence, EventDraft draft)
        => new(sequence, new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), SampleRevision.Key(), draft);
}
