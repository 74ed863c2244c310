namespace ImagingIngestion.Dimse.Messages;

/// <summary>C-ECHO-RQ (PS3.7 section 9.3.5).</summary>
public sealed record CEchoRequest : DimseRequest
{
    public override CommandField Field => CommandField.CEchoRequest;
}

/// <summary>C-ECHO-RSP.</summary>
public sealed record CEchoResponse : DimseResponse
{
    public override CommandField Field => CommandField.CEchoResponse;
}
