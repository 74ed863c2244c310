namespace ImagingIngestion.Manifest.Ports;

/// <summary>An object could not be written or read. The message holds no patient data.</summary>
public sealed class ObjectStoreException(ObjectStoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ObjectStoreFault Fault { get; } = fault;
}
