namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>What a claim found.</summary>
/// <param name="Deliveries">Leased now; empty when nothing is due or the binding is paused.</param>
/// <param name="IsPaused">The binding is paused.</param>
/// <param name="NextIn">
/// How long until the next delivery is due or its lease ends; zero when more is due now, null when none waits or the binding is paused.
/// </param>
public sealed record DeliveryClaim(IReadOnlyList<Delivery> Deliveries, bool IsPaused, TimeSpan? NextIn);
