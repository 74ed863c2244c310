using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>A binding as its queue knows it.</summary>
public sealed record BindingDefinition
{
    /// <summary>1 to 64 lower-case ASCII letters, digits or dashes.</summary>
    public required string Name { get; init; }

    /// <summary>What delivers: <c>stow</c>, <c>fhir</c>, <c>webhook</c>, <c>cstore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The events that it delivers.</summary>
    public required IReadOnlyCollection<EventType> Types { get; init; }

    public BindingFilter Filter { get; init; } = BindingFilter.None;

    public BindingStart Start { get; init; }

    /// <summary>
    /// Every event is delivered, in order for each instance and study. False where the newest state is all that counts: then a newer
    /// event of the same instance or study takes the place of an older one that was not delivered yet.
    /// </summary>
    public bool KeepsEveryEvent { get; init; }
}
