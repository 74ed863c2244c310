using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

internal sealed partial class HeldLeases
{
    [LoggerMessage(6050, LogLevel.Debug, "The binding {Binding} cannot renew the leases of {Count} deliveries now; it tries again soon")]
    private static partial void LogFailed(ILogger logger, string binding, int count, Exception error);
}
