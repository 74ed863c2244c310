namespace ImagingIngestion.Dimse.Associations;

/// <summary>How an association failed.</summary>
public enum AssociationFault
{
    /// <summary>No connection, or TLS failed.</summary>
    NotConnected,

    /// <summary>The peer rejects for good.</summary>
    RejectedPermanently,

    /// <summary>The peer rejects for now.</summary>
    RejectedTransiently,

    /// <summary>The peer aborts.</summary>
    AbortedByPeer,

    /// <summary>The connection is gone.</summary>
    ConnectionLost,

    /// <summary>The peer breaks the protocol.</summary>
    ProtocolError,

    /// <summary>The peer is too slow.</summary>
    TimedOut,

    /// <summary>Ended on this side, or released.</summary>
    Ended,

    /// <summary>The association is there, but the peer takes nothing of the kind that is asked for.</summary>
    NotAccepted,

    /// <summary>This side has as many associations to the peer as it allows itself, and none came free in time.</summary>
    AllInUse,
}

/// <summary>An association is not, or no longer, there. The message is fit for logs and operators.</summary>
public sealed class AssociationException(AssociationFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    public AssociationFault Fault { get; } = fault;
}
