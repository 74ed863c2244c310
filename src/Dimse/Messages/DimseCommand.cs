namespace ImagingIngestion.Dimse.Messages;

/// <summary>A command set (PS3.7 section 6.3); <see cref="CommandSet"/> returns separately whether a data set follows.</summary>
public abstract record DimseCommand
{
    public abstract CommandField Field { get; }
}

/// <summary>A request; the association assigns the Message IDs of those that it sends.</summary>
public abstract record DimseRequest : DimseCommand
{
    /// <summary>(0000,0110)</summary>
    public ushort MessageId { get; init; }

    /// <summary>
    /// Affected (0000,0002) or Requested (0000,0003) SOP Class UID, whichever the request has; empty if a peer leaves it out.
    /// </summary>
    public required string SopClassUid { get; init; }
}

/// <summary>A response.</summary>
public abstract record DimseResponse : DimseCommand
{
    /// <summary>(0000,0120)</summary>
    public ushort RespondsTo { get; init; }

    /// <summary>Affected SOP Class UID (0000,0002); null leaves it out.</summary>
    public string? SopClassUid { get; init; }

    /// <summary>(0000,0900)</summary>
    public required DimseStatus Status { get; init; }

    /// <summary>(0000,0902) at most 64 characters, without patient data; null leaves it out.</summary>
    public string? ErrorComment { get; init; }
}

/// <summary>C-CANCEL-RQ (PS3.7 section 9.3.2.3): has no Message ID of its own and no response.</summary>
public sealed record CCancelRequest(ushort RespondsTo) : DimseCommand
{
    public override CommandField Field => CommandField.CCancelRequest;
}

/// <summary>The number of sub-operations of a C-GET or C-MOVE by state, (0000,1020) to (0000,1023).</summary>
/// <remarks>Remaining is left out of final responses other than a cancel.</remarks>
public sealed record SubOperations(ushort? Remaining, ushort Completed, ushort Failed, ushort Warning);

/// <summary>Priority (0000,0700).</summary>
public enum DimsePriority : ushort
{
    Medium = 0,
    High = 1,
    Low = 2,
}
