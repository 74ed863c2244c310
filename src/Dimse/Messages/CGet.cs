namespace ImagingIngestion.Dimse.Messages;

/// <summary>C-GET-RQ (PS3.7 section 9.3.3).</summary>
public sealed record CGetRequest : DimseRequest
{
    public override CommandField Field => CommandField.CGetRequest;

    public DimsePriority Priority { get; init; }
}

/// <summary>C-GET-RSP.</summary>
public sealed record CGetResponse : DimseResponse
{
    public override CommandField Field => CommandField.CGetResponse;

    public SubOperations? SubOperations { get; init; }
}
