namespace ImagingIngestion.Gateways.Http;

/// <summary>What is wrong with a multipart body.</summary>
public enum MultipartFault
{
    /// <summary>The body does not have the form of RFC 2046 section 5.1: 400.</summary>
    Malformed,

    /// <summary>The body ends within a part: that part is lost, the ones before it are whole.</summary>
    Truncated,

    /// <summary>A part header or the preamble is longer than allowed: 400.</summary>
    TooLarge,
}
