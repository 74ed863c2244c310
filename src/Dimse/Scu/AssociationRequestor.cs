using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Transport;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Requests associations.</summary>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed class AssociationRequestor(AssociationOptions options, TimeProvider time, ILogger<AssociationRequestor> logger)
{
    /// <summary>Connects and asks.</summary>
    /// <exception cref="AssociationException">There is no association: not connected, rejected, timed out.</exception>
    public async Task<Association> RequestAsync(DimsePeer peer, AssociationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return await RequestAsync(await TcpTransport.ConnectAsync(peer, options.ConnectTimeout, time, cancellationToken).ConfigureAwait(false), request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks over a connection that is there.</summary>
    /// <exception cref="AssociationException">There is no association: rejected, timed out.</exception>
    public async Task<Association> RequestAsync(AssociationTransport transport, AssociationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return await new AssociationOpening(transport, request, options, time, logger).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Check(AssociationRequest request)
    {
        IReadOnlyList<ProposedContext> contexts = request.PresentationContexts;
        if (contexts.Count is 0 or > 128 || contexts.Any(context => context.Id % 2 == 0 || context.TransferSyntaxes.Count == 0) || contexts.DistinctBy(context => context.Id).Count() != contexts.Count)
        {
            throw new ArgumentException("Propose 1 to 128 presentation contexts with odd IDs of their own and at least one transfer syntax each.", nameof(request));
        }
    }
}
