using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

internal sealed partial class Settling
{
    [LoggerMessage(6010, LogLevel.Warning, "The binding {Binding} cannot record the results of {Count} deliveries now; it tries again until it can")]
    private static partial void LogUnavailable(ILogger logger, string binding, int count, Exception error);

    [LoggerMessage(6011, LogLevel.Error, "The binding {Binding} lost the results of {Count} deliveries; they are delivered again when their leases end")]
    private static partial void LogFailed(ILogger logger, string binding, int count, Exception error);
}
