namespace ImagingIngestion.Silo;

internal sealed partial class RevisionScheduler
{
    [LoggerMessage(3040, LogLevel.Warning, "The due revisions cannot be read; they are closed when the manifest store works again")]
    private static partial void LogUnavailable(ILogger logger, Exception error);
}
