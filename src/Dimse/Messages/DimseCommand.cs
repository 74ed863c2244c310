namespace ImagingIngestion.Dimse.Messages;

/// <summary>A command set (PS3.7 section 6.3). Whether a data set follows is told beside it (<see cref="CommandSet"/>).</summary>
public abstract record DimseCommand
{
    public abstract CommandField Field { get; }
}

/// <summary>A request; the association gives those that it sends their Message ID.</summary>
public abstract record DimseRequest : DimseCommand
{
    /// <summary>(0000,0110)</summary>
    public ushort MessageId { get; init; }

    /// <summary>
    /// Affected (0000,0002) or Requested (0000,0003) SOP Class UID, whichever the request has; empty when a peer leaves it out.
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
