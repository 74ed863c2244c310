namespace ImagingIngestion.Silo.Cluster;

internal sealed partial class CallDispatcher
{
    [LoggerMessage(3101, LogLevel.Warning, "A call of another process is not understood: {Reason}")]
    private static partial void LogNotUnderstood(ILogger logger, string reason);

    [LoggerMessage(3102, LogLevel.Error, "A call of study {Study} from another process failed")]
    private static partial void LogFailed(ILogger logger, string study, Exception error);
}
