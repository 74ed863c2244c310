using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Find;

internal sealed partial class FindScp
{
    [LoggerMessage(4520, LogLevel.Information, "C-FIND of {CallingAeTitle} refused: {Status}. {Reason}")]
    private partial void LogRefused(string callingAeTitle, DimseStatus status, string reason);

    [LoggerMessage(4521, LogLevel.Debug, "C-FIND of {CallingAeTitle} at level {Level} answered with {Count} matches: {Status}")]
    private partial void LogFound(string callingAeTitle, QueryLevel level, int count, DimseStatus status);
}
