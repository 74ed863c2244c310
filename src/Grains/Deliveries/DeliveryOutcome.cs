namespace ImagingIngestion.Grains;

/// <summary>What became of a claimed delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>The target has it, or there is nothing left to deliver: the delivery is removed.</summary>
    Delivered,

    /// <summary>The attempt failed; it is tried again later, and counts.</summary>
    Retry,

    /// <summary>Will never pass, or failed too often: it waits for an operator.</summary>
    DeadLetter,

    /// <summary>It was not tried: it can be claimed again, and nothing counts.</summary>
    Released,
}
