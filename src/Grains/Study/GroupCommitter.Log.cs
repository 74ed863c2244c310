using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

internal sealed partial class GroupCommitter
{
    [LoggerMessage(
        3001,
        LogLevel.Warning,
        "The commit of {Studies} studies has no known outcome ({Faults} commits in a row); their senders are told to send again")]
    private static partial void LogUnavailable(ILogger logger, int studies, int faults, Exception error);

    [LoggerMessage(3002, LogLevel.Error, "The commit of {Studies} studies failed; each is tried on its own")]
    private static partial void LogSplit(ILogger logger, int studies, Exception error);
}
