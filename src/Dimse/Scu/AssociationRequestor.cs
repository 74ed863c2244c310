using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse;

/// <summary>Requests associations.</summary>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed class AssociationRequestor(AssociationOptions options, TimeProvider time, ILogger<AssociationRequestor> logger)
{
    /// <summary>Connects and asks.</summary>
    /// <exception cref="AssociationException">There is no association: not connected, rejected, timed out.</exception>
    public Task<Association> RequestAsync(DimsePeer peer, AssociationRequest request, CancellationToken cancellationToken)
    {
        _ = (options, time, logger);
        throw new NotImplementedException();
    }
}
