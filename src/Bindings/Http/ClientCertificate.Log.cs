using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

internal sealed partial class ClientCertificate
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(6103, LogLevel.Warning, "The client certificate {File} ends on {End:u}; nothing is delivered with it after that")]
    private partial void LogEndsSoon(string file, DateTimeOffset end);
}
