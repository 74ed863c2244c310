namespace ImagingIngestion.Silo;

internal sealed partial class EventRetention
{
    [LoggerMessage(3050, LogLevel.Debug, "{Count} events are older than they are kept and were removed")]
    private static partial void LogRemoved(ILogger logger, int count);

    [LoggerMessage(3051, LogLevel.Warning, "Old events cannot be removed now")]
    private static partial void LogUnavailable(ILogger logger, Exception error);
}
