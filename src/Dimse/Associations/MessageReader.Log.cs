using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

internal sealed partial class MessageReader
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1010, LogLevel.Error, "Reading from an association failed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(1011, LogLevel.Information, "{CalledAeTitle} sent {Command} to nothing that was asked; it is left out")]
    private partial void LogUnknownResponse(string calledAeTitle, CommandField command);
}
