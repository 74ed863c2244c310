using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

internal sealed partial class StowEndpoint
{
    private readonly ILogger _logger = services.Logger;

    [LoggerMessage(4110, LogLevel.Warning, "A store request ended early with {Status} after {Count} instances: {Detail}")]
    private partial void LogFault(int status, string detail, int count);
}
