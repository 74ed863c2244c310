using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

internal sealed partial class TargetCertificate
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(6102, LogLevel.Warning, "The certificate of the target {Host} ends on {End:u}; nothing is delivered there after that unless it is renewed")]
    private partial void LogEndsSoon(string host, DateTimeOffset end);
}
