namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A-ASSOCIATE-RJ (PS3.8 section 9.3.4).</summary>
/// <param name="Result">1 permanent, 2 transient.</param>
/// <param name="Source">1 service user, 2 service provider (ACSE), 3 service provider (presentation).</param>
/// <param name="Reason">Its meaning depends on the source; <see cref="RejectReason"/> names those that are used.</param>
public sealed record AssociateRejectPdu(byte Result, byte Source, byte Reason) : Pdu
{
    public AssociateRejectPdu(RejectReason reason) : this((byte)((int)reason >> 16), (byte)((int)reason >> 8), (byte)reason)
    {
    }

    public override PduType Type => PduType.AssociateReject;

    /// <summary>The same request may be accepted later.</summary>
    public bool IsTransient => Result == 2;
}

/// <summary>Result, source and reason of an A-ASSOCIATE-RJ in one number (PS3.8 table 9-21): 0x00RRSSNN.</summary>
public enum RejectReason
{
    NoReason = 0x01_01_01,
    ApplicationContextNotSupported = 0x01_01_02,
    CallingAeTitleNotRecognized = 0x01_01_03,
    CalledAeTitleNotRecognized = 0x01_01_07,
    ProtocolVersionNotSupported = 0x01_02_02,
    TemporaryCongestion = 0x02_03_01,
    LocalLimitExceeded = 0x02_03_02,
}
