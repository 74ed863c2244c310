using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

internal sealed partial class FanOut
{
    [LoggerMessage(6020, LogLevel.Warning, "The binding {Binding} cannot turn events into deliveries now; it tries again until it can")]
    private static partial void LogFailed(ILogger logger, string binding, Exception error);
}
