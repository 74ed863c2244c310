using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Stow;

public sealed partial class StowTarget
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(6110, LogLevel.Warning, "The STOW-RS target {Authority} does not look ready: {Reason}. Deliveries wait and are tried again")]
    private partial void LogExamined(string authority, string reason);

    [LoggerMessage(6111, LogLevel.Error, "A delivery to the STOW-RS target {Authority} met an unexpected fault")]
    private partial void LogUnexpected(string authority, Exception exception);
}
