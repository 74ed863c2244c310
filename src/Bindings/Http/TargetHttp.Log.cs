using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Http;

public static partial class TargetHttp
{
    [LoggerMessage(6100, LogLevel.Warning, "The certificate of {Authority} is not verified: INSECURE_SKIP_VERIFY is set, so anyone between here and there can read and change what is sent")]
    private static partial void LogInsecure(ILogger logger, string authority);

    [LoggerMessage(6101, LogLevel.Warning, "Credentials for {Authority} are sent over http, readable to anyone between here and there; use an https endpoint")]
    private static partial void LogClearText(ILogger logger, string authority);
}
