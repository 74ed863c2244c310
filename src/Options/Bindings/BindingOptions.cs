namespace ImagingIngestion.Options;

/// <summary>One binding as it is declared.</summary>
public sealed record BindingOptions
{
    /// <summary>1 to 64 lower-case ASCII letters, digits or dashes, the first a letter.</summary>
    public required string Name { get; init; }

    /// <summary>Set when it delivers instances over STOW-RS; exactly one of the kinds is set.</summary>
    public StowBindingOptions? Stow { get; init; }

    /// <summary>Set when it delivers instances by C-STORE.</summary>
    public DimseBindingOptions? Dimse { get; init; }

    /// <summary>Set when it keeps FHIR R4 ImagingStudy resources.</summary>
    public FhirBindingOptions? Fhir { get; init; }

    /// <summary>Set when it posts CloudEvents.</summary>
    public WebhookBindingOptions? Webhook { get; init; }

    /// <summary>Storage spaces whose events it takes; all when empty.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Modalities whose events it takes; all when empty.</summary>
    public IReadOnlyList<string> Modalities { get; init; } = [];

    /// <summary>Calling AE titles whose instances it takes; all when empty. Not for study revisions, which several may have made.</summary>
    public IReadOnlyList<string> CallingAeTitles { get; init; } = [];

    /// <summary>It begins with everything that is already stored, not with the next event, when it is first seen.</summary>
    public bool StartsAtBeginning { get; init; }

    /// <summary>Calls of the target at a time.</summary>
    public int Concurrency { get; init; } = 4;

    public RetryOptions Retry { get; init; } = new();
}
