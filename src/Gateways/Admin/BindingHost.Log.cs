using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Admin;

internal sealed partial class BindingHost
{
    [LoggerMessage(6060, LogLevel.Information, "The binding {Binding} ({Kind}) runs")]
    private static partial void LogStarted(ILogger logger, string binding, string kind);

    [LoggerMessage(
        6061,
        LogLevel.Warning,
        "The binding {Binding} ({Kind}) is known but not declared in this process: {Waiting} deliveries and {DeadLetters} dead letters wait, and no event behind its cursor is removed. Declare it again, or give it up with: bindings remove {Binding}")]
    private static partial void LogForgotten(ILogger logger, string binding, string kind, long waiting, long deadLetters);

    [LoggerMessage(6062, LogLevel.Warning, "The known bindings cannot be listed now")]
    private static partial void LogUnknown(ILogger logger, Exception error);
}
