using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>
/// Decides what becomes of a delivery after an attempt: the pauses double and are shortened at random, so that deliveries that failed
/// together do not come back together.
/// </summary>
internal sealed class RetryPolicy(RetryOptions options)
{
    private const int MaxError = 1000;
    private const int MostDoublings = 40;

    /// <summary>How long a delivery waits that the target class had no chance to try.</summary>
    public static readonly TimeSpan ReleaseDelay = TimeSpan.FromSeconds(1);

    public DeliverySettlement Settle(Delivery delivery, DeliveryResult result) => result.Outcome switch
    {
        DeliveryOutcome.Delivered or DeliveryOutcome.Gone => new DeliverySettlement(delivery, result.Outcome),
        DeliveryOutcome.Released => new DeliverySettlement(delivery, DeliveryOutcome.Released, ReleaseDelay),
        DeliveryOutcome.Retry when delivery.Attempts + 1 < options.MaxAttempts
            => new DeliverySettlement(delivery, DeliveryOutcome.Retry, Delay(delivery.Attempts, result.RetryAfter), Clean(result.Error)),
        _ => new DeliverySettlement(delivery, DeliveryOutcome.DeadLetter, default, Clean(result.Error)),
    };

    /// <summary>The pause behind one more failed attempt.</summary>
    private TimeSpan Delay(int failedBefore, TimeSpan? retryAfter)
    {
        double full = Math.Min(
            options.MaxDelay.TotalSeconds, options.FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failedBefore, MostDoublings)));
        TimeSpan own = TimeSpan.FromSeconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
        return retryAfter > own ? retryAfter.Value : own;
    }

    /// <summary>One line of limited length: what a target says may be anything.</summary>
    private static string Clean(string? error)
    {
        string text = string.IsNullOrWhiteSpace(error) ? "The attempt failed without saying why." : error;
        return string.Concat(text.Take(MaxError).Select(character => char.IsControl(character) ? ' ' : character));
    }
}
