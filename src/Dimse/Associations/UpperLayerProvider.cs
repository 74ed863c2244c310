using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Transport;
using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The service provider of PS3.8: executes the actions of the state table on one transport connection.</summary>
/// <remarks>State, ARTIM timer and the order of PDUs change under one lock; primitives are indicated outside of it.</remarks>
internal sealed class UpperLayerProvider : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AssociationTransport _transport;
    private readonly AssociationOptions _options;
    private readonly IAssociationOpener _opener;
    private readonly Alarm _artim;
    private Association? _association;
    private AssociationException? _failure;
    private bool _isOver;
    private bool _isClosed;

    public UpperLayerProvider(AssociationTransport transport, AssociationOptions options, TimeProvider time, IAssociationOpener opener)
    {
        _transport = transport;
        _options = options;
        _opener = opener;
        _artim = new Alarm(time, () => Post(UpperLayerEvent.Evt18ArtimTimerExpired));
        Pace = new PeerPace(options.RateWindow, options.MinRate, time);
        Input = new PduInput(transport.Input, options.ReceiveTimeout, Pace, time, () => Abort(TimedOut(
            $"The peer did not go on with a message that it had begun within {options.ReceiveTimeout}.")));
        Output = new PduOutput(transport.Output, options.SendTimeout, Pace, time, () => Break(TimedOut(
            $"The peer accepted none of the bytes sent within {options.SendTimeout}.")));
        Values = new ValueReader(this, options.MaximumLength);
    }

    /// <summary>The speed at which the peer sends and accepts bytes of a message.</summary>
    public PeerPace Pace { get; }

    public PduInput Input { get; }

    public PduOutput Output { get; }

    public ValueReader Values { get; }

    public AssociationTransport Transport => _transport;

    public UpperLayerState State { get; private set; } = UpperLayerState.Sta1Idle;

    /// <summary>The reason for the end; null before the end, and after a release.</summary>
    public AssociationException? Failure => _failure;

    /// <summary>It was released, aborted or lost; the connection may still be open.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    public bool IsClosed => Volatile.Read(ref _isClosed);

    public Association? Association => Volatile.Read(ref _association);

    /// <summary>P-DATA may be sent (Evt9 in this state).</summary>
    public bool MaySendData
    {
        get
        {
            lock (_gate)
            {
                return UpperLayerTable.Find(State, UpperLayerEvent.Evt9DataRequestPrimitive) is not null;
            }
        }
    }

    /// <summary>Makes the association receive all further events.</summary>
    public void Attach(Association association) => Volatile.Write(ref _association, association);

    /// <summary>
    /// Looks up an event in the state table and executes the action; returns null if the event has no meaning in this state.
    /// </summary>
    /// <param name="happened">The event.</param>
    /// <param name="pdu">The received PDU, or the one that a primitive sends.</param>
    /// <param name="cancellationToken">Ends waiting for the output.</param>
    public async ValueTask<UpperLayerAction?> HappenAsync(UpperLayerEvent happened, Pdu? pdu, CancellationToken cancellationToken)
    {
        (UpperLayerAction? action, bool sends) = Apply(happened, pdu, null);
        if (sends)
        {
            await SendQueueAsync(cancellationToken).ConfigureAwait(false);
        }

        return action;
    }

    /// <summary>Aborts (A-ABORT request primitive); all waits end with the reason.</summary>
    /// <param name="reason">The reason for all waits.</param>
    /// <param name="pdu">For the peer; null stands for the service user.</param>
    public void Abort(AssociationException reason, AbortPdu? pdu = null)
    {
        (UpperLayerAction? action, bool sends) = Apply(UpperLayerEvent.Evt15AbortRequestPrimitive, pdu ?? AbortPdu.ByUser, reason);
        if (action is null && State is not UpperLayerState.Sta13AwaitingTransportClose)
        {
            End(reason);
            Close();
        }
        else if (sends)
        {
            _ = SendQueueAsync(CancellationToken.None);
        }
    }

    /// <summary>Aborts and closes at once, because the peer accepts no more bytes.</summary>
    public void Break(AssociationException reason)
    {
        Abort(reason);
        Close();
    }

    /// <summary>Aborts because the received bytes break the protocol (Evt19).</summary>
    public async ValueTask InvalidAsync(AbortReason reason, string message, CancellationToken cancellationToken)
    {
        (_, bool sends) = Apply(
            UpperLayerEvent.Evt19InvalidPduReceived,
            AbortPdu.ByProvider(reason),
            new AssociationException(AssociationFault.ProtocolError, message));
        if (sends)
        {
            await SendQueueAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Throws if the association is over.</summary>
    /// <exception cref="AssociationException">It is.</exception>
    public void ThrowIfOver()
    {
        if (IsOver)
        {
            throw EndedException();
        }
    }

    /// <summary>Returns the exception for operations after the end.</summary>
    public AssociationException EndedException()
        => _failure is { } failure
            ? new AssociationException(failure.Fault, failure.Message, failure)
            : new AssociationException(AssociationFault.Ended, "The association was released.");

    /// <summary>Closes the connection; afterwards nothing is read or written.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Close();
        await Output.CompleteAsync(cancellationToken).ConfigureAwait(false);
        Input.Complete();
        Dispose();
    }

    public void Dispose()
    {
        _artim.Dispose();
        Input.Dispose();
        Output.Dispose();
    }

    private (UpperLayerAction? Action, bool Sends) Apply(UpperLayerEvent happened, Pdu? pdu, AssociationException? reason)
    {
        RejectReason? rejection = happened == UpperLayerEvent.Evt6AssociateRequestPduReceived && State == UpperLayerState.Sta2TransportOpen
            ? _opener.Judge((AssociateRequestPdu)pdu!)
            : null;
        UpperLayerAction action;
        lock (_gate)
        {
            if (UpperLayerTable.Find(State, happened) is not { } cell)
            {
                return (null, false);
            }

            action = cell.Action;
            bool isAlternative = action == UpperLayerAction.AE6
                ? rejection is not null
                : action == UpperLayerAction.AR8 && !_opener.IsRequestor;
            State = isAlternative ? cell.Alternative!.Value : cell.Next;
            SetTimer(action, State);
            if (Answer(action, pdu, rejection) is { } answer)
            {
                Output.Enqueue(answer);
            }
        }

        Indicate(action, pdu, rejection, reason);
        return (action, Answer(action, pdu, rejection) is not null);
    }

    /// <summary>Sets or clears ARTIM for an action.</summary>
    private void SetTimer(UpperLayerAction action, UpperLayerState next)
    {
        switch (action)
        {
            case UpperLayerAction.AE5 or UpperLayerAction.AE8 or UpperLayerAction.AR4 or UpperLayerAction.AA1 or UpperLayerAction.AA8:
            case UpperLayerAction.AE6 when next == UpperLayerState.Sta13AwaitingTransportClose:
                _artim.Set(_options.ArtimTimeout);
                break;
            case UpperLayerAction.AE6 or UpperLayerAction.AR5 or UpperLayerAction.AA2 or UpperLayerAction.AA5:
                _artim.Clear();
                break;
        }
    }

    /// <summary>Returns the PDU that an action sends.</summary>
    private static Pdu? Answer(UpperLayerAction action, Pdu? pdu, RejectReason? rejection) => action switch
    {
        UpperLayerAction.AE2 or UpperLayerAction.AE7 or UpperLayerAction.AE8 => pdu,
        UpperLayerAction.AE6 when rejection is { } reason => new AssociateRejectPdu(reason),
        UpperLayerAction.AR1 => new ReleaseRequestPdu(),
        UpperLayerAction.AR4 or UpperLayerAction.AR9 => new ReleaseResponsePdu(),
        UpperLayerAction.AA1 => pdu as AbortPdu ?? AbortPdu.ByUser,
        UpperLayerAction.AA7 or UpperLayerAction.AA8 =>
            pdu is AbortPdu { Source: 2 } own ? own : AbortPdu.ByProvider(AbortReason.UnexpectedPdu),
        _ => null,
    };

    /// <summary>Issues the primitive of an action, and closes the connection if the action says so.</summary>
    private void Indicate(UpperLayerAction action, Pdu? pdu, RejectReason? rejection, AssociationException? reason)
    {
        switch (action)
        {
            case UpperLayerAction.AE3:
                _opener.OnAccepted((AssociateAcceptPdu)pdu!);
                break;
            case UpperLayerAction.AE4:
                _opener.OnRejected((AssociateRejectPdu)pdu!);
                Close();
                break;
            case UpperLayerAction.AE6 when rejection is null:
                _opener.OnRequested((AssociateRequestPdu)pdu!);
                break;
            case UpperLayerAction.AR2 or UpperLayerAction.AR8:
                Association?.OnReleaseRequested();
                break;
            case UpperLayerAction.AR3:
                End(null);
                Close();
                break;
            case UpperLayerAction.AR10:
                Association?.OnReleaseConfirmed();
                break;
            case UpperLayerAction.AR4:
                End(null);
                break;
            case UpperLayerAction.AA1 or UpperLayerAction.AA8:
                End(reason ?? new AssociationException(
                    AssociationFault.ProtocolError,
                    $"The peer sent a PDU that it may not send now{(pdu is null ? "" : $": {pdu.Type}")}."));
                break;
            case UpperLayerAction.AA2:
                End(reason ?? TimedOut($"No association request arrived within {_options.ArtimTimeout}."));
                Close();
                break;
            case UpperLayerAction.AA3:
                End(AbortedByPeer((AbortPdu)pdu!));
                Close();
                break;
            case UpperLayerAction.AA4 or UpperLayerAction.AA5:
                End(new AssociationException(
                    AssociationFault.ConnectionLost, "The peer closed the connection without releasing the association."));
                Close();
                break;
            case UpperLayerAction.AR5:
                Close();
                break;
        }
    }

    private static AssociationException TimedOut(string message) => new(AssociationFault.TimedOut, message);

    private static AssociationException AbortedByPeer(AbortPdu abort)
        => new(AssociationFault.AbortedByPeer, abort.Source == 0
            ? "The peer aborted the association."
            : $"The peer's protocol layer aborted the association: {abort.Reason}.");

    private void Post(UpperLayerEvent happened)
    {
        (_, bool sends) = Apply(happened, null, null);
        if (sends)
        {
            _ = SendQueueAsync(CancellationToken.None);
        }
    }

    /// <summary>Sends the queue. An error only closes the connection: its reader reports it.</summary>
    private async Task SendQueueAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Output.FlushQueueAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            Close();
        }
    }

    private void End(AssociationException? failure)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _failure = failure;
            Volatile.Write(ref _isOver, true);
        }

        if (Association is { } association)
        {
            association.OnEnded();
        }
        else if (failure is not null)
        {
            _opener.OnFailed(failure);
        }

        Input.Wake();
    }

    private void Close()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            Volatile.Write(ref _isClosed, true);
            State = UpperLayerState.Sta1Idle;
        }

        _transport.Close();
        Output.Wake();
        Input.Wake();
    }
}

/// <summary>The reaction of a side to the primitives of PS3.8 section 7.1 until the association is open.</summary>
internal interface IAssociationOpener
{
    /// <summary>This side requests the association.</summary>
    bool IsRequestor { get; }

    /// <summary>Returns the reason for which the service provider rejects the request (action AE-6); null to accept it.</summary>
    RejectReason? Judge(AssociateRequestPdu request);

    /// <summary>Handles the A-ASSOCIATE indication.</summary>
    void OnRequested(AssociateRequestPdu request);

    /// <summary>Handles the A-ASSOCIATE confirmation, accepted.</summary>
    void OnAccepted(AssociateAcceptPdu accept);

    /// <summary>Handles the A-ASSOCIATE confirmation, rejected.</summary>
    void OnRejected(AssociateRejectPdu reject);

    /// <summary>Handles an end before the association was open.</summary>
    void OnFailed(AssociationException reason);
}
