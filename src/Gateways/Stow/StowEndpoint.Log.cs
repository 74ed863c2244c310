using ImagingIngestion.Ingest;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Stow;

internal sealed partial class StowEndpoint
{
    private readonly ILogger _logger = services.Logger;

    [LoggerMessage(4110, LogLevel.Warning, "A store request ended early with {Status} after {Count} instances: {Detail}")]
    private partial void LogFault(int status, string detail, int count);

    [LoggerMessage(4112, LogLevel.Information, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4113, LogLevel.Information, "Refused {Count} more instances of the same request")]
    private partial void LogMoreRefused(int count);

    [LoggerMessage(4111, LogLevel.Error, "A store request failed")]
    private partial void LogError(Exception exception);
}
