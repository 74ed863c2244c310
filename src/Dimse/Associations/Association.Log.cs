using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

public sealed partial class Association
{
    /// <summary>Where a peer is; null over a pipe that is no network connection.</summary>
    private object Remote => _layer.Transport.RemoteEndPoint ?? (object)"a pipe";

    internal void LogStart()
    {
        if (IsRequestor)
        {
            LogRequested(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Contexts.Count);
        }
        else
        {
            LogAccepted(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Contexts.Count);
        }
    }

    private void LogEnd()
    {
        TimeSpan duration = _setup.Time.GetElapsedTime(_since);
        if (_layer.Failure is { } failure)
        {
            LogAborted(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Incoming.Performed, failure.Message);
        }
        else
        {
            LogReleased(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Incoming.Performed, duration);
        }
    }

    [LoggerMessage(1000, LogLevel.Information, "Accepted an association of {CallingAeTitle} to {CalledAeTitle} from {Remote} with {Contexts} presentation contexts")]
    private static partial void LogAccepted(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, int contexts);

    [LoggerMessage(1001, LogLevel.Debug, "Opened an association of {CallingAeTitle} to {CalledAeTitle} at {Remote} with {Contexts} presentation contexts")]
    private static partial void LogRequested(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, int contexts);

    [LoggerMessage(1002, LogLevel.Information, "Association of {CallingAeTitle} to {CalledAeTitle} ({Remote}) was released after {Operations} operations in {Duration}")]
    private static partial void LogReleased(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, long operations, TimeSpan duration);

    [LoggerMessage(1003, LogLevel.Warning, "Association of {CallingAeTitle} to {CalledAeTitle} ({Remote}) ended without release after {Operations} operations: {Reason}")]
    private static partial void LogAborted(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, long operations, string reason);
}
