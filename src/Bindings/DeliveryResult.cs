using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings;

/// <summary>What one attempt came to.</summary>
public sealed record DeliveryResult
{
    private DeliveryResult(DeliveryOutcome outcome) => Outcome = outcome;

    /// <summary>The target has it.</summary>
    public static DeliveryResult Delivered { get; } = new(DeliveryOutcome.Delivered);

    /// <summary>It was not tried, and nothing counts.</summary>
    public static DeliveryResult Released { get; } = new(DeliveryOutcome.Released);

    /// <summary>There is nothing left to deliver: the instance or study is gone.</summary>
    public static DeliveryResult Gone { get; } = new(DeliveryOutcome.Gone);

    public DeliveryOutcome Outcome { get; }

    /// <summary>Why it failed, without patient data, at most 1,000 characters; null when it did not.</summary>
    public string? Error { get; private init; }

    /// <summary>
    /// The target itself does not work (unreachable, timed out, 5xx, 429), whatever is sent to it: counts towards leaving it alone.
    /// </summary>
    public bool IsTargetFault { get; private init; }

    /// <summary>How long the target asked to wait (Retry-After); null when it did not.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Failed, and may pass later.</summary>
    public static DeliveryResult Retry(string error, bool isTargetFault, TimeSpan? retryAfter = null)
        => new(DeliveryOutcome.Retry) { Error = error, IsTargetFault = isTargetFault, RetryAfter = retryAfter };

    /// <summary>Will never pass.</summary>
    public static DeliveryResult Permanent(string error) => new(DeliveryOutcome.DeadLetter) { Error = error };
}
