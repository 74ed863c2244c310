namespace ImagingIngestion.Silo.Cluster;

internal sealed partial class ClusterHost
{
    [LoggerMessage(3120, LogLevel.Information, "Silo {Silo} takes grain calls at {Address}")]
    private static partial void LogOpen(ILogger logger, string silo, string address);
}
