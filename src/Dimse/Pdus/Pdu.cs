namespace ImagingIngestion.Dimse.Pdus;

/// <summary>
/// A PDU that is read and written as a whole: every one except P-DATA-TF, whose values are passed in pieces (<see
/// cref="DataTransferPdu"/>).
/// </summary>
public abstract record Pdu
{
    /// <summary>The first byte.</summary>
    public abstract PduType Type { get; }
}

/// <summary>A PDU that cannot be read, or is too long; the message is fit for logs, without values of the peer.</summary>
public sealed class PduException(AbortReason reason, string message) : Exception(message)
{
    /// <summary>The reason for the peer.</summary>
    public AbortReason Reason { get; } = reason;
}

/// <summary>The first byte of a PDU (PS3.8 section 9.3).</summary>
public enum PduType : byte
{
    /// <summary>A-ASSOCIATE-RQ.</summary>
    AssociateRequest = 1,

    /// <summary>A-ASSOCIATE-AC.</summary>
    AssociateAccept = 2,

    /// <summary>A-ASSOCIATE-RJ.</summary>
    AssociateReject = 3,

    /// <summary>P-DATA-TF.</summary>
    DataTransfer = 4,

    /// <summary>A-RELEASE-RQ.</summary>
    ReleaseRequest = 5,

    /// <summary>A-RELEASE-RP.</summary>
    ReleaseResponse = 6,

    /// <summary>A-ABORT.</summary>
    Abort = 7,
}
