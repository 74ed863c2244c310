using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Cluster;

public sealed partial class SiloChannels
{
    [LoggerMessage(
        4610, LogLevel.Error, "Silo {Silo} at {Address} does not hold the cluster key of this process: set the same {Setting} everywhere")]
    private static partial void LogKeyRefused(ILogger logger, string silo, string address, string setting);
}
