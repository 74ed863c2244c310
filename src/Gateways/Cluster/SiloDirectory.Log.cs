using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Cluster;

public sealed partial class SiloDirectory
{
    [LoggerMessage(4600, LogLevel.Warning, "Silo {Silo} at {Address} is passed over for now: {Reason}")]
    private static partial void LogSuspect(ILogger logger, string silo, string address, string reason);

    [LoggerMessage(4601, LogLevel.Warning, "The table of silos could not be read ({Error}); what it said last stays")]
    private static partial void LogTableUnavailable(ILogger logger, string error);

    [LoggerMessage(4602, LogLevel.Error, "The table of silos could not be read; what it said last stays")]
    private static partial void LogTableFailed(ILogger logger, Exception error);
}
