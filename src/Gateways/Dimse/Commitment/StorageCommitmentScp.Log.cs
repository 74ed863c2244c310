using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

internal sealed partial class StorageCommitmentScp
{
    [LoggerMessage(4550, LogLevel.Information, "Storage commitment of {Count} instances is requested by {AeTitle}, transaction {Transaction}")]
    private partial void LogRequested(int count, string aeTitle, string transaction);

    [LoggerMessage(4551, LogLevel.Warning, "A request for storage commitment by {AeTitle} is refused with {Status}: {Reason}")]
    private partial void LogRefused(string aeTitle, DimseStatus status, string? reason);
}
