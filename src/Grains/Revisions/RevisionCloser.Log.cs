using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Revisions;

internal sealed partial class RevisionCloser
{
    [LoggerMessage(3041, LogLevel.Debug, "Revision {Revision} of study {Study} is closed")]
    private static partial void LogClosed(ILogger logger, int revision, string study);

    [LoggerMessage(3042, LogLevel.Debug, "Revision {Revision} of study {Study} is not due any more, or another silo closed it")]
    private static partial void LogNotDue(ILogger logger, int revision, string study);

    [LoggerMessage(3043, LogLevel.Warning, "Revision {Revision} of study {Study} is put off until its lease ends: {Fault}")]
    private static partial void LogPutOff(ILogger logger, int revision, string study, string fault);

    [LoggerMessage(3044, LogLevel.Error, "Revision {Revision} of study {Study} cannot be closed; it is tried again when its lease ends")]
    private static partial void LogFailed(ILogger logger, int revision, string study, Exception error);
}
