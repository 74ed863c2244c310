using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Dimse;

public sealed partial class DimseTarget
{
    [LoggerMessage(6400, LogLevel.Warning, "The C-STORE target {Target} does not look ready: {Reason}. Deliveries wait and are tried again")]
    private static partial void LogExamined(ILogger logger, string target, string reason);

    [LoggerMessage(6401, LogLevel.Information, "The C-STORE target {Target} stored {SopInstanceUid} with warning {Status}")]
    private static partial void LogWarning(ILogger logger, string target, string sopInstanceUid, string status);

    [LoggerMessage(6402, LogLevel.Error, "A delivery to the C-STORE target {Target} met an unexpected fault")]
    private static partial void LogUnexpected(ILogger logger, string target, Exception exception);

    [LoggerMessage(6403, LogLevel.Warning, "The certificate of {Target} is not verified: INSECURE_SKIP_VERIFY is set, so anyone between here and there can read and change what is sent")]
    private static partial void LogInsecure(ILogger logger, string target);
}
