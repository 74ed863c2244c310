namespace ImagingIngestion.Dimse.Associations;

/// <summary>The way in which an association failed.</summary>
public enum AssociationFault
{
    /// <summary>No connection, or TLS failed.</summary>
    NotConnected,

    /// <summary>The peer rejects permanently.</summary>
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

    /// <summary>The association is open, but the peer accepts no operation of the requested kind.</summary>
    NotAccepted,

    /// <summary>This side has its maximum number of associations to the peer, and none became free in time.</summary>
    AllInUse,
}

/// <summary>An association could not be opened, or has ended; the message is fit for logs and operators.</summary>
public sealed class AssociationException(AssociationFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    public AssociationFault Fault { get; } = fault;
}
