namespace ImagingIngestion.Dimse.Messages;

/// <summary>C-MOVE-RQ (PS3.7 section 9.3.4).</summary>
public sealed record CMoveRequest : DimseRequest
{
    public override CommandField Field => CommandField.CMoveRequest;

    public DimsePriority Priority { get; init; }

    /// <summary>(0000,0600) as sent, trimmed.</summary>
    public required string MoveDestination { get; init; }
}

/// <summary>C-MOVE-RSP.</summary>
public sealed record CMoveResponse : DimseResponse
{
    public override CommandField Field => CommandField.CMoveResponse;

    public SubOperations? SubOperations { get; init; }
}
