using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

public sealed partial class Sweeper
{
    [LoggerMessage(2300, LogLevel.Error, "The sweeper of storage space {Space} deletes nothing: {Reason}. Run the command check, and arm it when all is well")]
    private static partial void LogDisarmed(ILogger logger, string space, string reason);

    [LoggerMessage(2301, LogLevel.Information, "The sweeper of storage space {Space} is armed")]
    private static partial void LogArmed(ILogger logger, string space);

    [LoggerMessage(2302, LogLevel.Warning, "The sweeper cannot ask a store now")]
    private static partial void LogUnavailable(ILogger logger, Exception error);

    [LoggerMessage(2303, LogLevel.Information, "Swept {Space}: of {Listed} objects {Unnamed} that nobody named were deleted, besides {Dropped} that rows had dropped and {Aborted} unfinished uploads")]
    private static partial void LogSwept(ILogger logger, string space, long listed, long unnamed, long dropped, long aborted);

    [LoggerMessage(2304, LogLevel.Warning, "The sweep of {Space} was broken off after {Listed} objects; it begins again later")]
    private static partial void LogBrokenOff(ILogger logger, string space, long listed);

    [LoggerMessage(2307, LogLevel.Warning, "Deleted {Count} objects of {Space} before their time: a sender sends other content of one instance again and again, and {Kept} dropped objects of an instance are kept")]
    private static partial void LogThinned(ILogger logger, string space, long count, int kept);

    [LoggerMessage(2306, LogLevel.Information, "Verified {Objects} objects of {Space}: {Damaged} are damaged, {Unreadable} could not be read, {Restored} are good again, {Checksums} were given a checksum")]
    private static partial void LogVerified(ILogger logger, string space, long objects, long damaged, long unreadable, long restored, long checksums);
}
