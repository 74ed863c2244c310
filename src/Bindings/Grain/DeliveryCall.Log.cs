using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

internal sealed partial class DeliveryCall
{
    [LoggerMessage(6030, LogLevel.Warning, "The binding {Binding} gave up: dead letter {Id} for {Subject} after {Attempts} attempts: {Error}")]
    private static partial void LogDeadLetter(ILogger logger, string binding, long id, string subject, int attempts, string? error);

    [LoggerMessage(6031, LogLevel.Debug, "The binding {Binding} could not deliver {Subject} in attempt {Attempt}, the next follows after {Delay}: {Error}")]
    private static partial void LogRetry(ILogger logger, string binding, string subject, int attempt, TimeSpan delay, string? error);

    [LoggerMessage(6032, LogLevel.Error, "The target of the binding {Binding} threw where it should have answered")]
    private static partial void LogThrown(ILogger logger, string binding, Exception error);

    [LoggerMessage(6033, LogLevel.Error, "The target of the binding {Binding} gave {Results} results for {Deliveries} deliveries")]
    private static partial void LogWrongCount(ILogger logger, string binding, int results, int deliveries);
}
