using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

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

/// <summary>Where a binding begins when it is first seen.</summary>
public enum BindingStart
{
    /// <summary>With the next event.</summary>
    Now,

    /// <summary>
    /// With everything that the manifest holds, then the log from there on; a binding that keeps every event begins with the oldest one
    /// that is kept.
    /// </summary>
    Beginning,
}

/// <summary>Which events a binding takes; an empty list takes all.</summary>
/// <param name="Providers">Storage spaces.</param>
/// <param name="Modalities">Values of Modality (0008,0060): of the instance, or of any series of the study.</param>
/// <param name="CallingAeTitles">Calling AE titles that brought the instance; an event without one does not match.</param>
public sealed record BindingFilter(
    IReadOnlyList<ProviderName> Providers, IReadOnlyList<string> Modalities, IReadOnlyList<string> CallingAeTitles)
{
    public static BindingFilter None { get; } = new([], [], []);
}
