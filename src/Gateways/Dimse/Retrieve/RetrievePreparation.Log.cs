using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

internal sealed partial class RetrievePreparation
{
    [LoggerMessage(4535, LogLevel.Information, "{Operation} of {CallingAeTitle} refused: {Why} ({Status:X4})")]
    private partial void LogRefused(CommandField operation, string callingAeTitle, string why, ushort status);
}
