namespace ImagingIngestion.Dimse.Messages;

/// <summary>C-STORE-RQ (PS3.7 section 9.3.1).</summary>
public sealed record CStoreRequest : DimseRequest
{
    public override CommandField Field => CommandField.CStoreRequest;

    /// <summary>(0000,1000)</summary>
    public required string SopInstanceUid { get; init; }

    public DimsePriority Priority { get; init; }

    /// <summary>(0000,1030) The requestor of the C-MOVE to which this belongs; null for none.</summary>
    public string? MoveOriginatorAeTitle { get; init; }

    /// <summary>(0000,1031) The Message ID of that C-MOVE.</summary>
    public ushort? MoveOriginatorMessageId { get; init; }
}

/// <summary>C-STORE-RSP.</summary>
public sealed record CStoreResponse : DimseResponse
{
    public override CommandField Field => CommandField.CStoreResponse;

    /// <summary>(0000,1000)</summary>
    public string? SopInstanceUid { get; init; }
}
