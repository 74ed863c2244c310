namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A-ABORT (PS3.8 section 9.3.8).</summary>
/// <param name="Source">0 service user, 2 service provider.</param>
/// <param name="Reason">Means something only where the source is the service provider.</param>
public sealed record AbortPdu(byte Source, AbortReason Reason) : Pdu
{
    /// <summary>The application gives up.</summary>
    public static AbortPdu ByUser { get; } = new(0, AbortReason.NotSpecified);

    public override PduType Type => PduType.Abort;

    /// <summary>The upper layer gives up.</summary>
    public static AbortPdu ByProvider(AbortReason reason) => new(2, reason);
}

/// <summary>Why the service provider aborts (PS3.8 table 9-26).</summary>
public enum AbortReason : byte
{
    NotSpecified = 0,
    UnrecognizedPdu = 1,
    UnexpectedPdu = 2,
    UnrecognizedParameter = 4,
    UnexpectedParameter = 5,
    InvalidParameterValue = 6,
}
