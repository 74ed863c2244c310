namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>
/// Tells the queue what became of a claimed delivery. When a newer event superseded it meanwhile, that one waits from now on, whatever the
/// outcome.
/// </summary>
/// <param name="Delivery">As it was claimed.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Delay">For <see cref="DeliveryOutcome.Retry"/> and <see cref="DeliveryOutcome.Released"/>: how long to wait.</param>
/// <param name="Error">Why it failed, without patient data, at most 1,000 characters.</param>
public sealed record DeliverySettlement(Delivery Delivery, DeliveryOutcome Outcome, TimeSpan Delay = default, string? Error = null);

/// <summary>What became of a claimed delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>The target has it: the delivery is removed, and that an instance was delivered is remembered.</summary>
    Delivered,

    /// <summary>The attempt failed; it is tried again later, and counts.</summary>
    Retry,

    /// <summary>Will never pass, or failed too often: it waits for an operator.</summary>
    DeadLetter,

    /// <summary>It was not tried: it can be claimed again, and nothing counts.</summary>
    Released,

    /// <summary>There is nothing left to deliver: the delivery is removed.</summary>
    Gone,
}
