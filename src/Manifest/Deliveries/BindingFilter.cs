using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>Which events a binding takes; an empty list takes all.</summary>
/// <param name="Providers">Storage spaces.</param>
/// <param name="Modalities">Values of Modality (0008,0060): of the instance, or of any series of the study.</param>
/// <param name="CallingAeTitles">Calling AE titles that brought the instance; an event without one does not match.</param>
public sealed record BindingFilter(IReadOnlyList<ProviderName> Providers, IReadOnlyList<string> Modalities, IReadOnlyList<string> CallingAeTitles)
{
    public static BindingFilter None { get; } = new([], [], []);
}
