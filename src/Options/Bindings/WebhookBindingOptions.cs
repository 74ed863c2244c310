namespace ImagingIngestion.Options;

/// <summary>Posts events as CloudEvents 1.0 over HTTP.</summary>
public sealed record WebhookBindingOptions
{
    public required HttpTargetOptions Target { get; init; }

    /// <summary>One JSON document with the event and its data, instead of headers and data.</summary>
    public bool IsStructured { get; init; }

    /// <summary>Names of the events to post; all when empty.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>
    /// The key of the HMAC-SHA256 signature over the body, and over the <c>ce-</c> headers where there are any; null sends none.
    /// </summary>
    public string? SigningKey { get; init; }
}
