namespace ImagingIngestion.Dimse.UpperLayer;

/// <summary>The states of the upper layer (PS3.8 tables 9-1 to 9-5).</summary>
public enum UpperLayerState
{
    Sta1Idle = 1,
    Sta2TransportOpen,
    Sta3AwaitingLocalAssociateResponse,
    Sta4AwaitingTransportOpen,
    Sta5AwaitingAssociateAcceptOrReject,
    Sta6DataTransfer,
    Sta7AwaitingReleaseResponse,
    Sta8AwaitingLocalReleaseResponse,
    Sta9CollisionRequestorAwaitingLocalReleaseResponse,
    Sta10CollisionAcceptorAwaitingReleaseResponse,
    Sta11CollisionRequestorAwaitingReleaseResponse,
    Sta12CollisionAcceptorAwaitingLocalReleaseResponse,
    Sta13AwaitingTransportClose,
}
