using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

internal sealed partial class DeliveryPump
{
    [LoggerMessage(6040, LogLevel.Warning, "The target of the binding {Binding} does not work and is left alone for {Length}: {Error}")]
    private static partial void LogOpened(ILogger logger, string binding, TimeSpan length, string? error);

    [LoggerMessage(6041, LogLevel.Information, "The target of the binding {Binding} works again")]
    private static partial void LogClosed(ILogger logger, string binding);

    [LoggerMessage(6042, LogLevel.Information, "The binding {Binding} is paused: events are kept for it, and nothing is delivered")]
    private static partial void LogPaused(ILogger logger, string binding);

    [LoggerMessage(6043, LogLevel.Information, "The binding {Binding} goes on delivering")]
    private static partial void LogResumed(ILogger logger, string binding);
}
