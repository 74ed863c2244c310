using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

internal sealed partial class CommitmentRunner
{
    [LoggerMessage(4552, LogLevel.Information, "Storage commitment is reported to {AeTitle}, transaction {Transaction}: {Committed} instances safe, {Failed} failed")]
    private partial void LogReported(string aeTitle, string transaction, int committed, int failed);

    [LoggerMessage(4553, LogLevel.Warning, "Storage commitment cannot be reported to {AeTitle}, transaction {Transaction}, attempt {Attempt}: {Fault}")]
    private partial void LogFailed(string aeTitle, string transaction, int attempt, string fault);

    [LoggerMessage(4554, LogLevel.Error, "Storage commitment is never reported to {AeTitle}, transaction {Transaction}: given up after {Attempts} attempts, because {Fault}")]
    private partial void LogGivenUp(string aeTitle, string transaction, int attempts, string fault);

    [LoggerMessage(4555, LogLevel.Warning, "Requests for storage commitment cannot be read or written; they are reported when the manifest store works again")]
    private partial void LogUnavailable(Exception error);

    [LoggerMessage(4556, LogLevel.Error, "Checking or reporting storage commitment failed, transaction {Transaction}; it is tried again")]
    private partial void LogBroken(string transaction, Exception error);
}
