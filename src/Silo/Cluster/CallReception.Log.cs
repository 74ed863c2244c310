namespace ImagingIngestion.Silo.Cluster;

internal sealed partial class CallReception
{
    [LoggerMessage(
        3100,
        LogLevel.Warning,
        "A call from {Address} is not under the cluster key of this silo and was refused: set the same {Setting} everywhere")]
    private static partial void LogNotSealed(ILogger logger, string address, string setting);
}
