using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

public sealed partial class StoreProbe
{
    [LoggerMessage(3030, LogLevel.Warning, "A store does not work; the process is not ready")]
    private static partial void LogNotReady(ILogger logger, Exception error);
}
