namespace ImagingIngestion.Silo.Cluster;

internal sealed partial class StudyForwarder
{
    [LoggerMessage(3130, LogLevel.Debug, "{Count} calls of study {Study} are given on to silo {Silo}")]
    private static partial void LogForward(ILogger logger, int count, string study, string silo);

    [LoggerMessage(3131, LogLevel.Warning, "A call of study {Study} could not be given on ({Error})")]
    private static partial void LogForwardFailed(ILogger logger, string study, string error);
}
