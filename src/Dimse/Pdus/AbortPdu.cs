namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A-ABORT (PS3.8 section 9.3.8).</summary>
/// <param name="Source">0 service user, 2 service provider.</param>
/// <param name="Reason">Has a meaning only if the source is the service provider.</param>
public sealed record AbortPdu(byte Source, AbortReason Reason) : Pdu
{
    /// <summary>An abort by the application.</summary>
    public static AbortPdu ByUser { get; } = new(0, AbortReason.NotSpecified);

    public override PduType Type => PduType.Abort;

    /// <summary>Makes an abort by the upper layer.</summary>
    public static AbortPdu ByProvider(AbortReason reason) => new(2, reason);
}

/// <summary>The reason for an abort by the service provider (PS3.8 table 9-26).</summary>
public enum AbortReason : byte
{
    NotSpecified = 0,
    UnrecognizedPdu = 1,
    UnexpectedPdu = 2,
    UnrecognizedParameter = 4,
    UnexpectedParameter = 5,
    InvalidParameterValue = 6,
}
