namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>Tells the queue what became of a claimed delivery. When a newer event superseded it meanwhile, that one waits from now on, whatever the outcome.</summary>
/// <param name="Delivery">As it was claimed.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Delay">For <see cref="DeliveryOutcome.Retry"/> and <see cref="DeliveryOutcome.Released"/>: how long to wait.</param>
/// <param name="Error">Why it failed, without patient data, at most 1,000 characters.</param>
public sealed record DeliverySettlement(Delivery Delivery, DeliveryOutcome Outcome, TimeSpan Delay = default, string? Error = null);
