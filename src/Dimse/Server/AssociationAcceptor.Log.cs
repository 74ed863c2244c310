using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

internal sealed partial class AssociationAcceptor
{
    private ILogger Log => _context.Logger;

    /// <summary>Titles that are none may hold anything, so they are left out.</summary>
    private void LogRejection(RejectReason reason, AssociateRequestPdu request)
        => LogRejected(Log, _transport.RemoteEndPoint, Name(request.CallingAeTitle), Name(request.CalledAeTitle), reason);


    private void LogPolicyFailed(Exception exception, EndPoint? remote) => LogPolicyFailed(Log, exception, remote);

    private static string Name(string title) => AeTitle.TryParse(title, out AeTitle valid) ? valid.Value : "?";

    [LoggerMessage(1030, LogLevel.Warning, "Rejected an association of {CallingAeTitle} to {CalledAeTitle} from {Remote}: {Reason}")]
    private static partial void LogRejected(ILogger logger, EndPoint? remote, string callingAeTitle, string calledAeTitle, RejectReason reason);

    [LoggerMessage(1031, LogLevel.Debug, "A connection from {Remote} came to no association: {Reason}")]
    private static partial void LogNoAssociation(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(1032, LogLevel.Error, "Deciding on an association request from {Remote} failed")]
    private static partial void LogPolicyFailed(ILogger logger, Exception exception, EndPoint? remote);
}
