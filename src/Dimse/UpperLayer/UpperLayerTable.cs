using static ImagingIngestion.Dimse.UpperLayerAction;
using static ImagingIngestion.Dimse.UpperLayerState;

namespace ImagingIngestion.Dimse;

/// <summary>The state table of the upper layer (PS3.8 table 9-10).</summary>
public static class UpperLayerTable
{
    private static readonly Transition Abort1 = new(AA1, Sta13AwaitingTransportClose);
    private static readonly Transition Abort8 = new(AA8, Sta13AwaitingTransportClose);
    private static readonly Transition Ignore = new(AA6, Sta13AwaitingTransportClose);

    /// <summary>The cell; null where the table is blank: the event cannot happen in the state.</summary>
    public static Transition? Find(UpperLayerState state, UpperLayerEvent happened) => happened switch
    {
        UpperLayerEvent.Evt1AssociateRequestPrimitive => Only(state, Sta1Idle, new(AE1, Sta4AwaitingTransportOpen)),
        UpperLayerEvent.Evt2TransportConnected => Only(state, Sta4AwaitingTransportOpen, new(AE2, Sta5AwaitingAssociateAcceptOrReject)),
        UpperLayerEvent.Evt3AssociateAcceptPduReceived => state == Sta5AwaitingAssociateAcceptOrReject ? new(AE3, Sta6DataTransfer) : Unexpected(state, Ignore),
        UpperLayerEvent.Evt4AssociateRejectPduReceived => state == Sta5AwaitingAssociateAcceptOrReject ? new(AE4, Sta1Idle) : Unexpected(state, Ignore),
        UpperLayerEvent.Evt5TransportIndication => Only(state, Sta1Idle, new(AE5, Sta2TransportOpen)),
        UpperLayerEvent.Evt6AssociateRequestPduReceived => state == Sta2TransportOpen
            ? new(AE6, Sta3AwaitingLocalAssociateResponse, Sta13AwaitingTransportClose)
            : Unexpected(state, new(AA7, Sta13AwaitingTransportClose)),
        UpperLayerEvent.Evt7AssociateAcceptPrimitive => Only(state, Sta3AwaitingLocalAssociateResponse, new(AE7, Sta6DataTransfer)),
        UpperLayerEvent.Evt8AssociateRejectPrimitive => Only(state, Sta3AwaitingLocalAssociateResponse, new(AE8, Sta13AwaitingTransportClose)),
        UpperLayerEvent.Evt9DataRequestPrimitive => state == Sta6DataTransfer ? new(DT1, state) : Only(state, Sta8AwaitingLocalReleaseResponse, new(AR7, state)),
        UpperLayerEvent.Evt10DataPduReceived => state switch
        {
            Sta6DataTransfer => new(DT2, state),
            Sta7AwaitingReleaseResponse => new(AR6, state),
            _ => Unexpected(state, Ignore),
        },
        UpperLayerEvent.Evt11ReleaseRequestPrimitive => Only(state, Sta6DataTransfer, new(AR1, Sta7AwaitingReleaseResponse)),
        UpperLayerEvent.Evt12ReleaseRequestPduReceived => state switch
        {
            Sta6DataTransfer => new(AR2, Sta8AwaitingLocalReleaseResponse),
            Sta7AwaitingReleaseResponse => new(AR8, Sta9CollisionRequestorAwaitingLocalReleaseResponse, Sta10CollisionAcceptorAwaitingReleaseResponse),
            _ => Unexpected(state, Ignore),
        },
        UpperLayerEvent.Evt13ReleaseResponsePduReceived => state switch
        {
            Sta7AwaitingReleaseResponse or Sta11CollisionRequestorAwaitingReleaseResponse => new(AR3, Sta1Idle),
            Sta10CollisionAcceptorAwaitingReleaseResponse => new(AR10, Sta12CollisionAcceptorAwaitingLocalReleaseResponse),
            _ => Unexpected(state, Ignore),
        },
        UpperLayerEvent.Evt14ReleaseResponsePrimitive => state switch
        {
            Sta8AwaitingLocalReleaseResponse or Sta12CollisionAcceptorAwaitingLocalReleaseResponse => new(AR4, Sta13AwaitingTransportClose),
            Sta9CollisionRequestorAwaitingLocalReleaseResponse => new(AR9, Sta11CollisionRequestorAwaitingReleaseResponse),
            _ => null,
        },
        UpperLayerEvent.Evt15AbortRequestPrimitive => state switch
        {
            Sta1Idle or Sta2TransportOpen or Sta13AwaitingTransportClose => null,
            Sta4AwaitingTransportOpen => new(AA2, Sta1Idle),
            _ => Abort1,
        },
        UpperLayerEvent.Evt16AbortPduReceived => state switch
        {
            Sta1Idle or Sta4AwaitingTransportOpen => null,
            Sta2TransportOpen or Sta13AwaitingTransportClose => new(AA2, Sta1Idle),
            _ => new(AA3, Sta1Idle),
        },
        UpperLayerEvent.Evt17TransportClosed => state switch
        {
            Sta1Idle => null,
            Sta2TransportOpen => new(AA5, Sta1Idle),
            Sta13AwaitingTransportClose => new(AR5, Sta1Idle),
            _ => new(AA4, Sta1Idle),
        },
        UpperLayerEvent.Evt18ArtimTimerExpired => state is Sta2TransportOpen or Sta13AwaitingTransportClose ? new(AA2, Sta1Idle) : null,
        UpperLayerEvent.Evt19InvalidPduReceived => Unexpected(state, new(AA7, Sta13AwaitingTransportClose)),
        _ => null,
    };

    private static Transition? Only(UpperLayerState state, UpperLayerState wanted, Transition transition) => state == wanted ? transition : null;

    /// <summary>What a PDU does that may not come in this state.</summary>
    private static Transition? Unexpected(UpperLayerState state, Transition awaitingClose) => state switch
    {
        Sta1Idle or Sta4AwaitingTransportOpen => null,
        Sta2TransportOpen => Abort1,
        Sta13AwaitingTransportClose => awaitingClose,
        _ => Abort8,
    };
}
