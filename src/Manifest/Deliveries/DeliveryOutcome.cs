namespace ImagingIngestion.Manifest.Deliveries;

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
