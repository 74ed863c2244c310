using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Webhook;

public sealed partial class WebhookTarget
{
    [LoggerMessage(6300, LogLevel.Debug, "The subscriber answered {Status} to event {Sequence}.")]
    private partial void LogPosted(long sequence, int status);
}
