using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>Posts events as CloudEvents 1.0 over HTTP.</summary>
public sealed record WebhookBindingOptions
{
    internal const string EndpointKey = "WEBHOOK_ENDPOINT";

    public HttpTargetOptions Target { get; set; } = new();

    /// <summary>One JSON document with the event and its data, instead of headers and data.</summary>
    public bool IsStructured { get; set; }

    /// <summary>Names of the events to post; all when empty.</summary>
    public IReadOnlyList<string> Types { get; set; } = [];

    /// <summary>
    /// The key of the HMAC-SHA256 signature over the body, and over the <c>ce-</c> headers if there are any; null sends none.
    /// </summary>
    public string? SigningKey { get; set; }

    internal static readonly string RevisionEvent = EventType.StudyRevision.Name();

    internal static readonly IReadOnlyList<BindingKey> Keys =
    [
        HttpTargetOptions.Url(EndpointKey, "Webhook:Target:Endpoint", "CloudEvents: URL of the target"),
        .. HttpTargetOptions.Keys("WEBHOOK", "Webhook"),
        new(
            "WEBHOOK_MODE",
            "Webhook:IsStructured",
            Form.Choice("binary", ("binary", "false"), ("structured", "true")),
            "`binary` or `structured`"),
        new(
            "WEBHOOK_TYPES",
            "Webhook:Types",
            BindingSettings.List("one of " + string.Join(", ", EventTypes.All.Select(type => type.Name())), ReadType),
            "names of events, separated by commas") { Default = "all" },
        new("WEBHOOK_SIGNING_KEY", "Webhook:SigningKey", HttpTargetOptions.Text(), "key of the HMAC-SHA256 signature over the body"),
    ];

    private static string? ReadType(string text)
        => EventTypes.All.Select(type => type.Name()).FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
}
