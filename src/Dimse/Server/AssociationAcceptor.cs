using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Transport;
using ImagingIngestion.Dimse.UpperLayer;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

/// <summary>The acceptor of one transport connection, from its start to its end.</summary>
internal sealed partial class AssociationAcceptor : IAssociationOpener, IAssociationEntry
{
    private readonly CancellationTokenSource _gone = new();
    private readonly AcceptorContext _context;
    private readonly AssociationTransport _transport;
    private readonly UpperLayerProvider _layer;

    public AssociationAcceptor(AssociationTransport transport, AcceptorContext context)
    {
        _transport = transport;
        _context = context;
        _layer = new UpperLayerProvider(transport, context.Options, context.Time, this);
    }

    public bool IsRequestor => false;

    /// <summary>Null until one is accepted.</summary>
    public Association? Association => _layer.Association;

    /// <summary>Accepts an association, performs the operations on it, and ends with the connection.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _layer.HappenAsync(UpperLayerEvent.Evt5TransportIndication, null, CancellationToken.None).ConfigureAwait(false);
        await MessageReader.RunAsync(_layer, cancellationToken).ConfigureAwait(false);
        Leave();
        await _gone.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the association after its running operations, or the connection if there is none.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Association is { } association)
        {
            await association.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _layer.Abort(
                new AssociationException(AssociationFault.Ended, "This side shuts down."), AbortPdu.ByProvider(AbortReason.NotSpecified));
        }
    }

    public TimeSpan? Idle => Association?.Work.Idle;

    public PeerPace Pace => _layer.Pace;

    public void GiveWay()
        => _layer.Abort(
            new AssociationException(AssociationFault.Ended, "It was idle or too slow, and another association took its place."),
            AbortPdu.ByProvider(AbortReason.NotSpecified));

    /// <summary>Closes the connection at once.</summary>
    public void Break() => _layer.Break(new AssociationException(AssociationFault.Ended, "This side shuts down."));

    public RejectReason? Judge(AssociateRequestPdu request)
    {
        RejectReason? reason = (request.ProtocolVersion & 1) == 0 ? RejectReason.ProtocolVersionNotSupported
            : request.ApplicationContext != AssociateRequestPdu.DicomApplicationContext ? RejectReason.ApplicationContextNotSupported
            : !AeTitle.TryParse(request.CallingAeTitle, out AeTitle calling) ? RejectReason.CallingAeTitleNotRecognized
            : !AeTitle.TryParse(request.CalledAeTitle, out _) ? RejectReason.CalledAeTitleNotRecognized
            : !request.UserInformation.HoldsValues ? RejectReason.NoReason
            : !_context.Limits.TryEnter(calling.Value, this) ? RejectReason.LocalLimitExceeded
            : null;
        if (reason is { } rejection)
        {
            LogRejection(rejection, request);
        }

        return reason;
    }

    public void OnRequested(AssociateRequestPdu request) => _ = DecideAsync(request, _gone.Token);

    public void OnAccepted(AssociateAcceptPdu accept)
    {
        // An acceptor receives no accept: the state table aborts before.
    }

    public void OnRejected(AssociateRejectPdu reject)
    {
        // An acceptor receives no reject: the state table aborts before.
    }

    /// <summary>Logs the failure.</summary>
    /// <remarks>A connection that closes without sending is a health check of a load balancer, and is not logged.</remarks>
    public void OnFailed(AssociationException reason)
    {
        if (reason.Fault != AssociationFault.ConnectionLost)
        {
            LogNoAssociation(Log, _transport.RemoteEndPoint, reason.Message);
        }
    }

    private async Task DecideAsync(AssociateRequestPdu request, CancellationToken cancellationToken)
    {
        AssociationDecision decision;
        using TimeLimit limit = new(_context.Options.AssociationTimeout, _context.Time, cancellationToken);
        try
        {
            decision = await _context.Policy.DecideAsync(Offer(request), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            LogPolicyFailed(Log, exception, _transport.RemoteEndPoint);
            decision = AssociationDecision.Reject(RejectReason.TemporaryCongestion);
        }

        if (decision.Rejection is { } rejection)
        {
            LogRejection(rejection, request);
            Leave();
            await _layer
                .HappenAsync(UpperLayerEvent.Evt8AssociateRejectPrimitive, new AssociateRejectPdu(rejection), CancellationToken.None)
                .ConfigureAwait(false);
            return;
        }

        AssociateAcceptPdu accept = Negotiation.Answer(request, decision, _context.Options);
        Association association = new(Setup(request, accept));
        _layer.Attach(association);
        UpperLayerAction? action = await _layer
            .HappenAsync(UpperLayerEvent.Evt7AssociateAcceptPrimitive, accept, CancellationToken.None)
            .ConfigureAwait(false);
        if (action is not null)
        {
            association.LogStart();
        }
        else
        {
            association.OnEnded();
            association.Close();
        }
    }

    private AssociationOffer Offer(AssociateRequestPdu request) => new()
    {
        CallingAeTitle = new AeTitle(request.CallingAeTitle),
        CalledAeTitle = new AeTitle(request.CalledAeTitle),
        PresentationContexts = request.PresentationContexts,
        UserInformation = request.UserInformation,
        RemoteEndPoint = _transport.RemoteEndPoint,
        ClientCertificate = _transport.PeerCertificate,
    };

    private AssociationSetup Setup(AssociateRequestPdu request, AssociateAcceptPdu accept) => new()
    {
        Layer = _layer,
        Options = _context.Options,
        Time = _context.Time,
        Logger = _context.Logger,
        IsRequestor = false,
        CallingAeTitle = new AeTitle(request.CallingAeTitle),
        CalledAeTitle = new AeTitle(request.CalledAeTitle),
        Contexts = Negotiation.Contexts(request, accept, isRequestor: false),
        Peer = request.UserInformation,
        MaxOperationsInvoked = Negotiation.Invoked(request, accept, isRequestor: false),
        MaxOperationsPerformed = Negotiation.Invoked(request, accept, isRequestor: true),
        Services = _context.Services,
        OnOver = Leave,
    };

    private void Leave() => _context.Limits.Leave(this);

    private ILogger Log => _context.Logger;

    /// <summary>Logs a rejection without invalid titles, which may contain anything.</summary>
    private void LogRejection(RejectReason reason, AssociateRequestPdu request)
        => LogRejected(Log, _transport.RemoteEndPoint, Name(request.CallingAeTitle), Name(request.CalledAeTitle), reason);

    private static string Name(string title) => AeTitle.TryParse(title, out AeTitle valid) ? valid.Value : "?";

    [LoggerMessage(1030, LogLevel.Warning, "Rejected an association of {CallingAeTitle} to {CalledAeTitle} from {Remote}: {Reason}")]
    private static partial void LogRejected(
        ILogger logger, EndPoint? remote, string callingAeTitle, string calledAeTitle, RejectReason reason);

    [LoggerMessage(1031, LogLevel.Debug, "A connection from {Remote} came to no association: {Reason}")]
    private static partial void LogNoAssociation(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(1032, LogLevel.Error, "Deciding on an association request from {Remote} failed")]
    private static partial void LogPolicyFailed(ILogger logger, Exception exception, EndPoint? remote);
}

/// <summary>The common parts of all connections of a server.</summary>
internal sealed record AcceptorContext(
    AssociationOptions Options, IAssociationPolicy Policy, IReadOnlyList<IDimseService> Services, AssociationLimits Limits,
    TimeProvider Time, ILogger Logger);
