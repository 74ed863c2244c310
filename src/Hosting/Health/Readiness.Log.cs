using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Health;

public sealed partial class Readiness
{
    [LoggerMessage(3030, LogLevel.Warning, "A store does not work; the process is not ready")]
    private static partial void LogNotReady(ILogger logger, Exception error);
}
