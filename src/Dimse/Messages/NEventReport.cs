namespace ImagingIngestion.Dimse.Messages;

/// <summary>N-EVENT-REPORT-RQ (PS3.7 section 10.3.1).</summary>
public sealed record NEventReportRequest : DimseRequest
{
    public override CommandField Field => CommandField.NEventReportRequest;

    /// <summary>(0000,1000)</summary>
    public required string SopInstanceUid { get; init; }

    /// <summary>(0000,1002)</summary>
    public required ushort EventTypeId { get; init; }
}

/// <summary>N-EVENT-REPORT-RSP.</summary>
public sealed record NEventReportResponse : DimseResponse
{
    public override CommandField Field => CommandField.NEventReportResponse;

    /// <summary>(0000,1000)</summary>
    public string? SopInstanceUid { get; init; }

    /// <summary>(0000,1002)</summary>
    public ushort? EventTypeId { get; init; }
}
