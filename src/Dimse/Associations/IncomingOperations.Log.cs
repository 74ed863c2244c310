using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

internal sealed partial class IncomingOperations
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1020, LogLevel.Information, "Refused {Command} of {CallingAeTitle} with status {Status:X4}")]
    private partial void LogRefused(string callingAeTitle, CommandField command, ushort status);

    [LoggerMessage(1021, LogLevel.Error, "{Command} of {CallingAeTitle} failed")]
    private partial void LogFailed(Exception exception, string callingAeTitle, CommandField command);

    [LoggerMessage(1022, LogLevel.Error, "{Command} of {CallingAeTitle} ended without a final response")]
    private partial void LogNoResponse(string callingAeTitle, CommandField command);

    [LoggerMessage(1023, LogLevel.Debug, "{Command} of {CallingAeTitle} was cut off by the end of the association")]
    private partial void LogCutOff(string callingAeTitle, CommandField command);
}
