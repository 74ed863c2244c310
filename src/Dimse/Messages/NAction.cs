namespace ImagingIngestion.Dimse.Messages;

/// <summary>N-ACTION-RQ (PS3.7 section 10.3.4).</summary>
public sealed record NActionRequest : DimseRequest
{
    public override CommandField Field => CommandField.NActionRequest;

    /// <summary>(0000,1001)</summary>
    public required string SopInstanceUid { get; init; }

    /// <summary>(0000,1008)</summary>
    public required ushort ActionTypeId { get; init; }
}

/// <summary>N-ACTION-RSP.</summary>
public sealed record NActionResponse : DimseResponse
{
    public override CommandField Field => CommandField.NActionResponse;

    /// <summary>(0000,1000)</summary>
    public string? SopInstanceUid { get; init; }

    /// <summary>(0000,1008)</summary>
    public ushort? ActionTypeId { get; init; }
}
