using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

internal sealed partial class StudyBatchRunner
{
    [LoggerMessage(3010, LogLevel.Debug, "Another writer changed study {Study} (attempt {Attempt}); it is loaded again")]
    private static partial void LogConflict(ILogger logger, string study, int attempt);

    [LoggerMessage(
        3011, LogLevel.Warning, "Other writers changed study {Study} {Attempts} times in a row; its senders are told to send again")]
    private static partial void LogTooManyConflicts(ILogger logger, string study, int attempts);

    [LoggerMessage(3012, LogLevel.Warning, "The manifest store refused one change of study {Study}")]
    private static partial void LogRefused(ILogger logger, string study);

    [LoggerMessage(3013, LogLevel.Error, "A turn of study {Study} failed")]
    private static partial void LogFailed(ILogger logger, string study, Exception error);
}
