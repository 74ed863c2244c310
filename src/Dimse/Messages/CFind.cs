namespace ImagingIngestion.Dimse.Messages;

/// <summary>C-FIND-RQ (PS3.7 section 9.3.2).</summary>
public sealed record CFindRequest : DimseRequest
{
    public override CommandField Field => CommandField.CFindRequest;

    public DimsePriority Priority { get; init; }
}

/// <summary>C-FIND-RSP.</summary>
public sealed record CFindResponse : DimseResponse
{
    public override CommandField Field => CommandField.CFindResponse;
}
