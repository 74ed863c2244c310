using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings;

/// <summary>Where a binding delivers to: one class for each kind. Calls run concurrently.</summary>
public interface IDeliveryTarget : IAsyncDisposable
{
    /// <summary>The most deliveries that one call takes.</summary>
    int BatchSize { get; }

    /// <summary>
    /// Looks at the target before the first delivery and names in the log what is wrong with it; never fails, and ends within seconds.
    /// </summary>
    Task ExamineAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Delivers; the results are in the order of the deliveries. What goes wrong is a result: only a cancellation is thrown.
    /// </summary>
    Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}

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

/// <summary>Serves a batch for targets that take one delivery a call.</summary>
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
