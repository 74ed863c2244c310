namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>A delivery that was given up until an operator replays or drops it.</summary>
/// <param name="Delivery">What was to be delivered.</param>
/// <param name="DeadSince">When it was given up.</param>
/// <param name="Error">Why.</param>
public sealed record DeadLetter(Delivery Delivery, DateTimeOffset DeadSince, string Error);
