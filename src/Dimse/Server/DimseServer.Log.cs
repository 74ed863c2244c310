using System.Net;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

public sealed partial class DimseServer
{
    private readonly ILogger _logger;

    [LoggerMessage(1040, LogLevel.Information, "Listening for DIMSE on {Address} port {Port}")]
    private partial void LogListening(IPAddress address, int port);

    [LoggerMessage(1041, LogLevel.Information, "Stopped listening for DIMSE on port {Port}")]
    private partial void LogStopped(int port);

    [LoggerMessage(1042, LogLevel.Warning, "A connection could not be accepted: {Error}")]
    private partial void LogAcceptFailed(string error, Exception? exception);

    [LoggerMessage(1043, LogLevel.Warning, "Closed a connection at once: {MaxConnections} are open")]
    private partial void LogTooMany(int maxConnections);

    [LoggerMessage(1044, LogLevel.Error, "Serving a connection failed")]
    private partial void LogConnectionFailed(Exception exception);
}
