using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Transport;
using ImagingIngestion.Dimse.UpperLayer;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Requests associations.</summary>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed class AssociationRequestor(AssociationOptions options, TimeProvider time, ILogger<AssociationRequestor> logger)
{
    /// <summary>Connects and requests an association.</summary>
    /// <exception cref="AssociationException">There is no association: not connected, rejected, timed out.</exception>
    public async Task<Association> RequestAsync(DimsePeer peer, AssociationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return await RequestAsync(
            await TcpTransport.ConnectAsync(peer, options.ConnectTimeout, time, cancellationToken).ConfigureAwait(false),
            request,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Requests an association over an existing connection.</summary>
    /// <exception cref="AssociationException">There is no association: rejected, timed out.</exception>
    public async Task<Association> RequestAsync(
        AssociationTransport transport, AssociationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        return await new AssociationOpening(transport, request, options, time, logger).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Check(AssociationRequest request)
    {
        IReadOnlyList<ProposedContext> contexts = request.PresentationContexts;
        if (contexts.Count is 0 or > 128
            || contexts.Any(context => context.Id % 2 == 0 || context.TransferSyntaxes.Count == 0)
            || contexts.DistinctBy(context => context.Id).Count() != contexts.Count)
        {
            throw new ArgumentException(
                "Propose 1 to 128 presentation contexts with odd IDs of their own and at least one transfer syntax each.", nameof(request));
        }
    }
}

/// <summary>The request of a requestor.</summary>
public sealed record AssociationRequest
{
    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    /// <summary>1 to 128, with odd IDs of their own.</summary>
    public required IReadOnlyList<ProposedContext> PresentationContexts { get; init; }

    /// <summary>The SOP classes for which the requestor is also, or only, SCP.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    public UserIdentity? UserIdentity { get; init; }

    /// <summary>Operations that this side wants to have open at once; 1 negotiates nothing, 0 is any number.</summary>
    public int OperationsInvoked { get; init; } = 1;

    /// <summary>Perform the operations that the peer invokes, such as the C-STORE of a C-GET.</summary>
    public IReadOnlyList<IDimseService> Services { get; init; } = [];
}

/// <summary>The requestor of one association, until it is open.</summary>
internal sealed class AssociationOpening : IAssociationOpener
{
    private readonly TaskCompletionSource<Association> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AssociationRequest _request;
    private readonly AssociationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpperLayerProvider _layer;
    private readonly AssociateRequestPdu _pdu;

    public AssociationOpening(
        AssociationTransport transport, AssociationRequest request, AssociationOptions options, TimeProvider time, ILogger logger)
    {
        _request = request;
        _options = options;
        _time = time;
        _logger = logger;
        _layer = new UpperLayerProvider(transport, options, time, this);
        _pdu = Negotiation.Ask(request, options);
    }

    public bool IsRequestor => true;

    /// <summary>Requests the association, and waits for the answer.</summary>
    /// <exception cref="AssociationException">There is no association.</exception>
    public async Task<Association> RunAsync(CancellationToken cancellationToken)
    {
        using Alarm late = new(_time, () => _layer.Abort(new AssociationException(
            AssociationFault.TimedOut,
            $"{_request.CalledAeTitle} did not answer the association request within {_options.AssociationTimeout}.")));
        late.Set(_options.AssociationTimeout);
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((UpperLayerProvider)state!).Abort(
                new AssociationException(AssociationFault.Ended, "The association request was given up.")), _layer);
        await _layer.HappenAsync(UpperLayerEvent.Evt1AssociateRequestPrimitive, _pdu, CancellationToken.None).ConfigureAwait(false);
        await _layer.HappenAsync(UpperLayerEvent.Evt2TransportConnected, _pdu, CancellationToken.None).ConfigureAwait(false);
        _ = MessageReader.RunAsync(_layer, CancellationToken.None);
        try
        {
            return await _opened.Task.ConfigureAwait(false);
        }
        catch (AssociationException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public RejectReason? Judge(AssociateRequestPdu request) => null;

    public void OnRequested(AssociateRequestPdu request)
    {
        // A requestor receives no request: the state table aborts before.
    }

    public void OnAccepted(AssociateAcceptPdu accept)
    {
        if (!accept.UserInformation.HoldsValues)
        {
            _layer.Abort(new AssociationException(
                AssociationFault.ProtocolError, $"{_request.CalledAeTitle} takes PDUs of at most {accept.UserInformation.MaximumLength} "
                    + "bytes, which hold no presentation data value."));
            return;
        }

        Association association = new(new AssociationSetup
        {
            Layer = _layer,
            Options = _options,
            Time = _time,
            Logger = _logger,
            IsRequestor = true,
            CallingAeTitle = _request.CallingAeTitle,
            CalledAeTitle = _request.CalledAeTitle,
            Contexts = Negotiation.Contexts(_pdu, accept, isRequestor: true),
            Peer = accept.UserInformation,
            MaxOperationsInvoked = Negotiation.Invoked(_pdu, accept, isRequestor: true),
            MaxOperationsPerformed = Negotiation.Invoked(_pdu, accept, isRequestor: false),
            Services = _request.Services,
        });
        _layer.Attach(association);
        association.LogStart();
        _opened.TrySetResult(association);
    }

    public void OnRejected(AssociateRejectPdu reject) => OnFailed(new AssociationException(
        reject.IsTransient ? AssociationFault.RejectedTransiently : AssociationFault.RejectedPermanently,
        $"{_request.CalledAeTitle} rejected the association: {Reason(reject)}."));

    public void OnFailed(AssociationException reason) => _opened.TrySetException(reason);

    private static string Reason(AssociateRejectPdu reject)
    {
        RejectReason reason = (RejectReason)((reject.Result << 16) | (reject.Source << 8) | reject.Reason);
        return Enum.IsDefined(reason) ? reason.ToString() : $"result {reject.Result}, source {reject.Source}, reason {reject.Reason}";
    }
}
