namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A PDU that cannot be read, or is longer than it may be. The message is fit for logs: no values of the peer.</summary>
public sealed class PduException(AbortReason reason, string message) : Exception(message)
{
    /// <summary>What to tell the peer.</summary>
    public AbortReason Reason { get; } = reason;
}
