using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

internal sealed partial class CMoveScp
{
    [LoggerMessage(4542, LogLevel.Warning, "No association to the move destination {Destination}: {Why}")]
    private partial void LogNoAssociation(string destination, string why);

    [LoggerMessage(4543, LogLevel.Warning, "{Failed} of {Total} instances that {CallingAeTitle} moves to {Destination} failed")]
    private partial void LogFailures(int failed, int total, string callingAeTitle, string destination);
}
