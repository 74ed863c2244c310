using ImagingIngestion.Manifest.Deliveries;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>One call of a target. Whatever it does, there is a result for each delivery.</summary>
internal sealed partial class DeliveryCall(string binding, IDeliveryTarget target, RetryPolicy policy, ILogger logger)
{
    /// <summary>Never fails.</summary>
    /// <param name="deliveries">At most as many as the target takes in one call.</param>
    /// <param name="cancellationToken">Ends the call: what it had to deliver counts as not tried.</param>
    public async Task<CallOutcome> RunAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeliveryResult> results = await DeliverAsync(deliveries, cancellationToken).ConfigureAwait(false);
        DeliverySettlement[] settlements = [.. deliveries.Zip(results, policy.Settle)];
        foreach (DeliverySettlement settlement in settlements)
        {
            Tell(settlement);
        }

        return new CallOutcome(settlements, Verdict(results), RetryAfter(results));
    }

    /// <summary>
    /// A single refusal of an instance says nothing of the target; that it answers anything but a fault, and does not ask to wait, says
    /// that it works.
    /// </summary>
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

    /// <summary>How long the target itself asks to wait, whatever it took before.</summary>
    private static TimeSpan? RetryAfter(IEnumerable<DeliveryResult> results)
        => results.Where(result => result.IsTargetFault).Max(result => result.RetryAfter);

    private async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            // A target that does not hear the cancellation must not hold up the end of the process.
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

    private void Tell(DeliverySettlement settlement)
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

    [LoggerMessage(6032, LogLevel.Error, "The target of the binding {Binding} threw where it should have answered")]
    private static partial void LogThrown(ILogger logger, string binding, Exception error);

    [LoggerMessage(6033, LogLevel.Error, "The target of the binding {Binding} gave {Results} results for {Deliveries} deliveries")]
    private static partial void LogWrongCount(ILogger logger, string binding, int results, int deliveries);
}

/// <summary>What a call says of its target.</summary>
internal enum CallVerdict
{
    /// <summary>It answered, whatever it made of what was sent.</summary>
    Works,

    /// <summary>It does not work.</summary>
    Fault,

    /// <summary>It was not called.</summary>
    Unknown,
}
