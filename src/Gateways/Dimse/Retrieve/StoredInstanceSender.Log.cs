using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

internal sealed partial class StoredInstanceSender
{
    [LoggerMessage(4536, LogLevel.Warning, "Instance {SopInstanceUid} could not be sent to {Peer}: {Why}")]
    private partial void LogLost(string sopInstanceUid, string peer, string why);

    [LoggerMessage(4537, LogLevel.Warning, "Instance {SopInstanceUid} could not be sent to {Peer}, because its stored object cannot be read: {Why}")]
    private partial void LogUnreadable(string sopInstanceUid, string peer, string why);

    [LoggerMessage(4538, LogLevel.Warning, "Sending instance {SopInstanceUid} to {Peer} took longer than {Deadline}; the association is aborted")]
    private partial void LogTooSlow(string sopInstanceUid, string peer, TimeSpan deadline);

    [LoggerMessage(4539, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: it was deleted meanwhile")]
    private partial void LogGone(string sopInstanceUid, string peer);

    [LoggerMessage(4540, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: no presentation context for SOP class {SopClassUid} takes what is stored in {TransferSyntaxUid}")]
    private partial void LogNoContext(string sopInstanceUid, string peer, string sopClassUid, string transferSyntaxUid);

    [LoggerMessage(4541, LogLevel.Information, "{Peer} answered {Status:X4} to instance {SopInstanceUid}")]
    private partial void LogAnswered(string sopInstanceUid, string peer, ushort status);

    [LoggerMessage(4544, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: its data set is of odd length, which is only mended in Explicit or Implicit VR Little Endian and not in {TransferSyntaxUid}")]
    private partial void LogOdd(string sopInstanceUid, string peer, string transferSyntaxUid);
}
