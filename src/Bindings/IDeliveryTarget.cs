using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings;

/// <summary>The target of a binding: one class for each kind. Calls run concurrently.</summary>
public interface IDeliveryTarget : IAsyncDisposable
{
    /// <summary>The most deliveries of one call.</summary>
    int BatchSize { get; }

    /// <summary>Examines the target before the first delivery and logs what is wrong; never throws, and ends within seconds.</summary>
    Task ExamineAsync(CancellationToken cancellationToken);

    /// <summary>Delivers; the results are in the order of the deliveries. A fault is a result: only a cancellation is thrown.</summary>
    Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}

/// <summary>The result of one attempt.</summary>
public sealed record DeliveryResult
{
    private DeliveryResult(DeliveryOutcome outcome) => Outcome = outcome;

    /// <summary>The target has it.</summary>
    public static DeliveryResult Delivered { get; } = new(DeliveryOutcome.Delivered);

    /// <summary>It was not tried, and counts no attempt.</summary>
    public static DeliveryResult Released { get; } = new(DeliveryOutcome.Released);

    /// <summary>The instance or study no longer exists: nothing is left to deliver.</summary>
    public static DeliveryResult Gone { get; } = new(DeliveryOutcome.Gone);

    public DeliveryOutcome Outcome { get; }

    /// <summary>Why it failed, without patient data, at most 1,000 characters; null on success.</summary>
    public string? Error { get; private init; }

    /// <summary>The target itself does not work (unreachable, timed out, 5xx, 429), whatever it is sent: counts towards a break.</summary>
    public bool IsTargetFault { get; private init; }

    /// <summary>How long the target asked to wait (Retry-After); null if it did not.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Failed, and may succeed later.</summary>
    public static DeliveryResult Retry(string error, bool isTargetFault, TimeSpan? retryAfter = null)
        => new(DeliveryOutcome.Retry) { Error = error, IsTargetFault = isTargetFault, RetryAfter = retryAfter };

    /// <summary>Failed for good.</summary>
    public static DeliveryResult Permanent(string error) => new(DeliveryOutcome.DeadLetter) { Error = error };
}

/// <summary>Delivers a batch one by one for targets that take one delivery in a call.</summary>
internal static class OneByOne
{
    public static async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(
        IReadOnlyList<Delivery> deliveries,
        Func<Delivery, CancellationToken, Task<DeliveryResult>> deliver,
        CancellationToken cancellationToken)
    {
        List<DeliveryResult> results = [];
        foreach (Delivery delivery in deliveries)
        {
            results.Add(await deliver(delivery, cancellationToken));
        }

        return results;
    }
}
