using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Wado;

internal sealed partial class RetrieveGuard
{
    [LoggerMessage(4200, LogLevel.Error, "The answer to {Path} was cut off by {Fault}")]
    private partial void LogCutOff(string? path, string fault, Exception exception);

    [LoggerMessage(4204, LogLevel.Warning, "The request {Path} was answered 503: {Reason}")]
    private partial void LogUnavailable(string? path, string reason);

    [LoggerMessage(4205, LogLevel.Debug, "Who asked for {Path} has left ({Fault})")]
    private partial void LogLeft(string? path, string fault);

    [LoggerMessage(4202, LogLevel.Warning, "A stored instance of {Path} cannot be re-encoded: {Reason}")]
    private partial void LogUnreadable(string? path, string reason);

    [LoggerMessage(4203, LogLevel.Error, "The request {Path} failed with {Fault}")]
    private partial void LogFailed(string? path, string fault, Exception exception);
}
