namespace ImagingIngestion.Dimse.UpperLayer;

/// <summary>The events of the upper layer (PS3.8 table 9-10).</summary>
public enum UpperLayerEvent
{
    Evt1AssociateRequestPrimitive = 1,
    Evt2TransportConnected,
    Evt3AssociateAcceptPduReceived,
    Evt4AssociateRejectPduReceived,
    Evt5TransportIndication,
    Evt6AssociateRequestPduReceived,
    Evt7AssociateAcceptPrimitive,
    Evt8AssociateRejectPrimitive,
    Evt9DataRequestPrimitive,
    Evt10DataPduReceived,
    Evt11ReleaseRequestPrimitive,
    Evt12ReleaseRequestPduReceived,
    Evt13ReleaseResponsePduReceived,
    Evt14ReleaseResponsePrimitive,
    Evt15AbortRequestPrimitive,
    Evt16AbortPduReceived,
    Evt17TransportClosed,
    Evt18ArtimTimerExpired,
    Evt19InvalidPduReceived,
}
