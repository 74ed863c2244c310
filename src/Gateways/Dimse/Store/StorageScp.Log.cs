using ImagingIngestion.Ingest;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Store;

public sealed partial class StorageScp
{
    [LoggerMessage(4500, LogLevel.Information, "C-STORE of {CallingAeTitle} refused, instance '{SopInstanceUid}': {Failure} ({Status:X4}). {Detail}")]
    private partial void LogRefused(string callingAeTitle, string sopInstanceUid, StoreFailure failure, ushort status, string detail);

    [LoggerMessage(4501, LogLevel.Warning, "A C-STORE of {CallingAeTitle} took longer than {Deadline}; its association is aborted")]
    private partial void LogTooSlow(string callingAeTitle, TimeSpan deadline);
}
