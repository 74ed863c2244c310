using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Ingest;

public sealed partial class InstanceIngest
{
    [LoggerMessage(4100, LogLevel.Debug, "Stored instance {SopInstanceUid} of study {StudyInstanceUid}")]
    private partial void LogStored(string studyInstanceUid, string sopInstanceUid);

    [LoggerMessage(4101, LogLevel.Debug, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4102, LogLevel.Warning, "A store failed while an instance was taken in: {Fault}")]
    private partial void LogStoreFault(string fault, Exception exception);

    [LoggerMessage(4103, LogLevel.Error, "An instance could not be processed")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(4104, LogLevel.Warning, "Object {Key} is not needed and could not be deleted; the sweeper will")]
    private partial void LogLeftBehind(string key, Exception exception);
}
