namespace ImagingIngestion.Gateways.Http;

/// <summary>How much a peer may say around the parts of a multipart body.</summary>
public sealed record MultipartLimits
{
    /// <summary>Bytes of all headers of one part. Must be less than what the transport buffers.</summary>
    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Headers of one part.</summary>
    public int MaxHeaders { get; init; } = 64;

    /// <summary>Bytes before the first boundary.</summary>
    public long MaxPreambleBytes { get; init; } = 64 * 1024;
}
