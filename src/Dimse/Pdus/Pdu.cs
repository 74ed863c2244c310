namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A PDU that is read and written whole: every one but P-DATA-TF, whose values pass through in pieces (<see cref="DataTransferPdu"/>).</summary>
public abstract record Pdu
{
    /// <summary>The first byte.</summary>
    public abstract PduType Type { get; }
}
