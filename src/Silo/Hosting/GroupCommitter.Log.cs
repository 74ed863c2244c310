namespace ImagingIngestion.Silo;

internal sealed partial class GroupCommitter
{
    [LoggerMessage(3001, LogLevel.Warning, "The commit of {Studies} studies has no known outcome; their senders are told to send again")]
    private static partial void LogUnavailable(ILogger logger, int studies, Exception error);

    [LoggerMessage(3002, LogLevel.Error, "The commit of {Studies} studies failed; each is tried on its own")]
    private static partial void LogSplit(ILogger logger, int studies, Exception error);
}
