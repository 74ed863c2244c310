using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

public sealed partial class BindingGrain
{
    [LoggerMessage(6000, LogLevel.Warning, "The binding {Binding} cannot be registered now; it tries again until it can")]
    private static partial void LogRegisterFailed(ILogger logger, string binding, Exception error);

    [LoggerMessage(6001, LogLevel.Warning, "The target of the binding {Binding} could not be looked at; deliveries begin all the same")]
    private static partial void LogExamineFailed(ILogger logger, string binding, Exception error);

    [LoggerMessage(6002, LogLevel.Error, "A part of the binding {Binding} failed in a way that was not foreseen; it begins again")]
    private static partial void LogLoopFailed(ILogger logger, string binding, Exception error);
}
