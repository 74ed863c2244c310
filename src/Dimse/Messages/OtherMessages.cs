namespace ImagingIngestion.Dimse.Messages;

/// <summary>A request that no service here performs: N-GET, N-SET, N-CREATE, N-DELETE and unknown fields; answered 0211.</summary>
public sealed record OtherRequest(CommandField RequestField) : DimseRequest
{
    public override CommandField Field => RequestField;
}

/// <summary>A response to such a request.</summary>
public sealed record OtherResponse(CommandField ResponseField) : DimseResponse
{
    public override CommandField Field => ResponseField;
}
