namespace ImagingIngestion.Silo;

internal sealed partial class SiloHeartbeat
{
    [LoggerMessage(3110, LogLevel.Warning, "A heartbeat of this silo could not be written ({Error}); without one for some time nobody calls it")]
    private static partial void LogMissed(ILogger logger, string error);

    [LoggerMessage(3111, LogLevel.Error, "A heartbeat of this silo failed")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(3112, LogLevel.Warning, "This silo could not leave the table of silos ({Error}); it goes stale there")]
    private static partial void LogNotLeft(ILogger logger, string error);
}
