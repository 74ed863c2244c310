namespace ImagingIngestion.Gateways.Http;

/// <summary>A multipart body cannot be read on. The message says what is wrong and holds none of its bytes.</summary>
public sealed class MultipartException(MultipartFault fault, string message) : Exception(message)
{
    public MultipartFault Fault { get; } = fault;
}
