using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>One call of a target. Returns a result for each delivery, whatever the target does.</summary>
internal sealed partial class DeliveryCall(string binding, IDeliveryTarget target, RetryPolicy policy, ILogger logger)
{
    /// <summary>Never throws.</summary>
    /// <param name="deliveries">At most as many as the target takes in one call.</param>
    /// <param name="cancellationToken">Ends the call: its deliveries count as not tried.</param>
    public async Task<CallOutcome> RunAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeliveryResult> results = await DeliverAsync(deliveries, cancellationToken).ConfigureAwait(false);
        DeliverySettlement[] settlements = [.. deliveries.Zip(results, policy.Settle)];
        foreach (DeliverySettlement settlement in settlements)
        {
            LogOutcome(settlement);
        }

        return new CallOutcome(settlements, Verdict(results), RetryAfter(results));
    }

    /// <summary>Decides whether the target works.</summary>
    /// <remarks>
    /// A single refusal of an instance is no fault; any answer without a fault and without a request to wait shows that it works.
    /// </remarks>
    private static CallVerdict Verdict(IReadOnlyList<DeliveryResult> results)
    {
        if (results.All(result => result.Outcome == DeliveryOutcome.Released))
        {
            return CallVerdict.Unknown;
        }

        bool anyFault = results.Any(result => result.IsTargetFault);
        bool isFault = RetryAfter(results) > TimeSpan.Zero
            || (anyFault && !results.Any(result => result.Outcome == DeliveryOutcome.Delivered));
        return isFault ? CallVerdict.Fault : CallVerdict.Works;
    }

    /// <summary>Returns how long the target itself asks to wait, whatever it took before.</summary>
    private static TimeSpan? RetryAfter(IEnumerable<DeliveryResult> results)
        => results.Where(result => result.IsTargetFault).Max(result => result.RetryAfter);

    private async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            // A target that ignores cancellation must not delay the end of the process.
            IReadOnlyList<DeliveryResult> results = await Task
                .Run(() => target.DeliverAsync(deliveries, cancellationToken), cancellationToken)
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            if (results.Count == deliveries.Count)
            {
                return results;
            }

            LogWrongCount(logger, binding, results.Count, deliveries.Count);
            return All(
                deliveries, DeliveryResult.Retry("The delivery went wrong inside this process: results are missing.", isTargetFault: true));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return All(deliveries, DeliveryResult.Released);
        }
        catch (Exception error)
        {
            LogThrown(logger, binding, error);
            return All(
                deliveries,
                DeliveryResult.Retry($"The delivery went wrong inside this process: {error.GetType().Name}.", isTargetFault: true));
        }
    }

    private static DeliveryResult[] All(IReadOnlyList<Delivery> deliveries, DeliveryResult result) => [.. deliveries.Select(_ => result)];

    private void LogOutcome(DeliverySettlement settlement)
    {
        Delivery delivery = settlement.Delivery;
        if (settlement.Outcome == DeliveryOutcome.DeadLetter)
        {
            LogDeadLetter(logger, binding, delivery.Id, Subject(delivery), delivery.Attempts + 1, settlement.Error);
        }
        else if (settlement.Outcome == DeliveryOutcome.Retry)
        {
            LogRetry(logger, binding, Subject(delivery), delivery.Attempts + 1, settlement.Delay, settlement.Error);
        }
    }

    private static string Subject(Delivery delivery)
        => delivery.Instance is { } instance
            ? $"{delivery.Study.Study.Value}/{instance.Series.Value}/{instance.Sop.Value}"
            : delivery.Study.Study.Value;

    [LoggerMessage(
        6030, LogLevel.Warning, "The binding {Binding} gave up: dead letter {Id} for {Subject} after {Attempts} attempts: {Error}")]
    private static partial void LogDeadLetter(ILogger logger, string binding, long id, string subject, int attempts, string? error);

    [LoggerMessage(
        6031,
        LogLevel.Debug,
        "The binding {Binding} could not deliver {Subject} in attempt {Attempt}, the next follows after {Delay}: {Error}")]
    private static partial void LogRetry(ILogger logger, string binding, string subject, int attempt, TimeSpan delay, string? error);

    [LoggerMessage(6032, LogLevel.Error, "The target of the binding {Binding} threw an exception instead of returning results")]
    private static partial void LogThrown(ILogger logger, string binding, Exception error);

    [LoggerMessage(6033, LogLevel.Error, "The target of the binding {Binding} gave {Results} results for {Deliveries} deliveries")]
    private static partial void LogWrongCount(ILogger logger, string binding, int results, int deliveries);
}

/// <summary>What a call shows about its target.</summary>
internal enum CallVerdict
{
    /// <summary>The target answered, whatever it made of the deliveries.</summary>
    Works,

    /// <summary>The target does not work.</summary>
    Fault,

    /// <summary>The target was not called.</summary>
    Unknown,
}

/// <summary>Decides about a delivery after an attempt.</summary>
/// <remarks>The pauses double and are shortened at random, so that deliveries that failed together spread out.</remarks>
internal sealed class RetryPolicy(RetryOptions options)
{
    private const int MaxError = 1000;

    /// <summary>The pause of a delivery that was not tried.</summary>
    public static readonly TimeSpan ReleaseDelay = TimeSpan.FromSeconds(1);

    public DeliverySettlement Settle(Delivery delivery, DeliveryResult result) => result.Outcome switch
    {
        DeliveryOutcome.Delivered or DeliveryOutcome.Gone => new DeliverySettlement(delivery, result.Outcome),
        DeliveryOutcome.Released => new DeliverySettlement(delivery, DeliveryOutcome.Released, ReleaseDelay),
        DeliveryOutcome.Retry when delivery.Attempts + 1 < options.MaxAttempts
            => new DeliverySettlement(delivery, DeliveryOutcome.Retry, Delay(delivery.Attempts, result.RetryAfter), Clean(result.Error)),
        _ => new DeliverySettlement(delivery, DeliveryOutcome.DeadLetter, default, Clean(result.Error)),
    };

    /// <summary>Returns the pause after one more failed attempt.</summary>
    private TimeSpan Delay(int failedBefore, TimeSpan? retryAfter)
    {
        TimeSpan own = Backoff.Of(failedBefore + 1, options.FirstDelay, options.MaxDelay);
        return retryAfter > own ? retryAfter.Value : own;
    }

    /// <summary>Returns one line of limited length: a target may send any text.</summary>
    private static string Clean(string? error)
    {
        string text = string.IsNullOrWhiteSpace(error) ? "The attempt failed without saying why." : error;
        return string.Concat(text.Take(MaxError).Select(character => char.IsControl(character) ? ' ' : character));
    }
}

/// <summary>The outcome of a call of a target.</summary>
/// <param name="Settlements">One for each delivery.</param>
/// <param name="Verdict">What it shows about the target.</param>
/// <param name="RetryAfter">The longest wait that the target asked for; null without one.</param>
internal sealed record CallOutcome(IReadOnlyList<DeliverySettlement> Settlements, CallVerdict Verdict, TimeSpan? RetryAfter);
