using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

internal sealed partial class ServerConnection
{
    [LoggerMessage(1033, LogLevel.Debug, "A connection came to nothing: {Reason}")]
    private static partial void LogNoConnection(ILogger logger, string reason);
}
